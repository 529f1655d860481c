import { UpstreamError } from '../../adapters/upstream/upstream-error';
import type { MetricGroup, CatalogueMetric, RuleScope } from '../../domain/metrics';
import type { Deps } from '../runtime/deps';
import { heartbeat } from '../runtime/heartbeat';

/** Groups of metrics that are told by one scope: the service's, its hosts' or a neighbour's. */
export type ScopedGroups = { scope: RuleScope; groups: MetricGroup[]; metrics: CatalogueMetric[] };

/** What the questions about one selection have in common. */
export type Asked = {
  prometheus: Deps['prometheus'];
  selection: ScopedGroups;
  /** Unix seconds. */
  now: number;
  signal: AbortSignal;
};

/** Prometheus is there and will not answer this question. */
export const isRefusal = (error: unknown): error is UpstreamError =>
  error instanceof UpstreamError &&
  (error.status === 400 || error.status === 422 || error.tooLarge);

/** How many series a selector has at a time, now where none is given. */
export async function countOf(
  { prometheus, now, signal }: Asked,
  selector: string,
  at = now,
): Promise<number> {
  const { data } = await prometheus.query(`count(${selector})`, at, signal);
  heartbeat();
  return data[0]?.sample.value ?? 0;
}
