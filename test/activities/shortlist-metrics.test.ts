import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { shortlistMetrics } from '../../src/activities/shortlist-metrics';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus';
import { shippedKnowledge } from '../fixtures/knowledge';

/** Everything that this Prometheus has, by the name of a metric. */
const SERIES: Record<string, Record<string, string>> = {
  'user-service_service_errors_total': { service: 'user-service' },
  billing_requests_total: { host: 'a' },
  http_requests_total: { host: 'a' },
  up: { job: 'node' },
};

/** Answers label values for `{label="value"}` and `{__name__=~"regex"}`, as far as these tests ask it. */
const server = http.createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://localhost');
  const label = /label\/([^/]+)\/values/.exec(url.pathname)?.[1] ?? '';
  const matches = url.searchParams.getAll('match[]').map((text) => {
    const [, name = '', op, value = ''] = /^\{(\w+)(=~?)(".*")\}$/.exec(text) ?? [];
    const wanted = String(JSON.parse(value));
    return (series: Record<string, string>) =>
      op === '=~'
        ? new RegExp(`^(?:${wanted})$`).test(series[name] ?? '')
        : series[name] === wanted;
  });
  const data = Object.entries(SERIES)
    .map(([name, labels]): Record<string, string> => ({ ...labels, __name__: name }))
    .filter((series) => matches.length === 0 || matches.some((fits) => fits(series)))
    .flatMap((series) => series[label] ?? []);
  const body = url.pathname.endsWith('/metadata') ? {} : [...new Set(data)];
  response.end(JSON.stringify({ status: 'success', data: body }));
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

async function shortlistOf(service: string, pinned: string[] = [], allowed = false) {
  const shipped = await shippedKnowledge();
  const profile = {
    ...{ service, kind: 'http-service', description: '', depends_on: [], risks: [] },
    ...{ pinned_metrics: pinned, path: 'services/x.md', prose: '' },
  };
  const knowledge = { ...shipped, services: pinned.length > 0 ? [profile] : [] };
  const deps = {
    ...{ knowledge, prometheus: createPrometheus({ url }) },
    ...{ prometheusServiceLabels: ['service', 'job'], prometheusHostLabels: ['instance'] },
  };
  return shortlistMetrics(deps, {
    service,
    now: '2026-11-29T00:00:00Z',
    allow_unknown_service: allowed,
  });
}

describe('shortlistMetrics', () => {
  it('refuses a service without series of its own, and says what was looked for', async () => {
    await expect(shortlistOf('user-servce')).rejects.toMatchObject({
      type: 'ServiceNotInMetrics',
      nonRetryable: true,
      details: [
        {
          service: 'user-servce',
          labels: ['service', 'job'],
          near: [{ label: 'service', value: 'user-service' }],
        },
      ],
    });
  });

  it('takes nothing of everybody when an unknown service is allowed', async () => {
    const shortlist = await shortlistOf('no-such-thing', [], true);
    expect(shortlist).toMatchObject({ scope: { kind: 'none' }, metrics: [], catalogueSize: 0 });
  });

  it('knows a service by the prefix of its metric names, but not by a word that any system uses', async () => {
    const shortlist = await shortlistOf('billing');
    expect(shortlist.scope).toEqual({ kind: 'prefix', prefix: 'billing_' });
    expect(shortlist.metrics.map(({ name }) => name)).toEqual(['billing_requests_total']);
    await expect(shortlistOf('http')).rejects.toMatchObject({ type: 'ServiceNotInMetrics' });
  });

  it('takes the metrics that the profile of the service pins, and no other', async () => {
    const shortlist = await shortlistOf('portal', ['http_requests_total']);
    expect(shortlist.scope).toEqual({ kind: 'none' });
    expect(shortlist.metrics.map(({ name }) => name)).toEqual(['http_requests_total']);
  });
});
