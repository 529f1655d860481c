import { metrics } from '@opentelemetry/api';
import type { UpstreamName } from './upstream-error';

/** Looked up at each use: the worker gives the meter after this file is loaded; without one nothing happens. */
const meter = () => metrics.getMeter('release-prep');
const seconds = (began: number): number => (performance.now() - began) / 1000;

/** One request: its upstream, and the HTTP status, `error` for none, or `cancelled`. `began` by performance.now(). */
export function recordRequest(
  upstream: UpstreamName,
  status: number | 'error' | 'cancelled',
  began: number,
): void {
  meter()
    .createCounter('release_prep_upstream_requests', { description: 'Requests to upstreams' })
    .add(1, { upstream, status: String(status) });
  meter()
    .createHistogram('release_prep_upstream_duration', {
      unit: 's',
      description: 'Time of one request to an upstream',
    })
    .record(seconds(began), { upstream });
}

/** How long a request waited for its turn. */
export const recordWait = (upstream: UpstreamName, began: number): void =>
  meter()
    .createHistogram('release_prep_upstream_queue', {
      unit: 's',
      description: 'Time that a request waited in the worker for its turn',
    })
    .record(seconds(began), { upstream });
