import { UpstreamError } from '../../adapters/upstream/upstream-error';
import type { MetricGroup, CatalogueMetric, RuleScope } from '../../domain/metrics';
import type { Deps } from '../runtime/activity-deps';
import { heartbeat } from '../runtime/heartbeat';

/** Groups of metrics selected by one scope: the service's, its hosts' or a neighbour's. */
export type ScopedGroups = { scope: RuleScope; groups: MetricGroup[]; metrics: CatalogueMetric[] };

/** The parameters that all queries about one selection share. */
export type Asked = {
  prometheus: Deps['prometheus'];
  selection: ScopedGroups;
  /** Unix seconds. */
  now: number;
  signal: AbortSignal;
};

/** Whether Prometheus answered but refused this query. */
export const isRefusal = (error: unknown): error is UpstreamError =>
  error instanceof UpstreamError &&
  (error.status === 400 || error.status === 422 || error.tooLarge);

/** The number of series of a selector at a time, by default now. */
export async function countOf(
  { prometheus, now, signal }: Asked,
  selector: string,
  at = now,
): Promise<number> {
  const { data } = await prometheus.query(`count(${selector})`, at, signal);
  heartbeat();
  return data[0]?.sample.value ?? 0;
}
