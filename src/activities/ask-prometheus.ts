import { UpstreamError } from '../adapters/upstream-error';
import type { MetricSelection } from '../domain/metrics';
import type { Deps } from './deps';
import { heartbeat } from './heartbeat';

/** What the questions about one selection have in common. */
export type Asked = {
  prometheus: Deps['prometheus'];
  selection: MetricSelection;
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
