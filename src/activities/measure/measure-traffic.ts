import { UpstreamError } from '../../adapters/upstream/upstream-error';
import type { MetricScope, WatchedGroup } from '../../domain/metrics';
import type { WeeklyTraffic } from '../../steps/release-plan/observation-window';
import { trafficExpr, weeklyTraffic } from '../../steps/release-plan/weekly-traffic';
import type { Deps } from '../runtime/activity-deps';

const HOUR_SECONDS = 3600;
/** A week, so that each hour of it is seen once. */
const WEEK_SECONDS = 7 * 24 * HOUR_SECONDS;

/** Requests per second of the service by hour of the week; null without a metric or history. One query. */
export async function measureTraffic(
  { prometheus }: Pick<Deps, 'prometheus'>,
  watched: { groups: readonly WatchedGroup[]; scope: MetricScope },
  end: number,
  signal?: AbortSignal,
): Promise<WeeklyTraffic | null> {
  // Metrics that may belong to other services do not show this service's traffic.
  if (watched.scope.kind === 'none') return null;
  const expr = trafficExpr(watched.groups, watched.scope);
  if (expr === undefined) return null;
  const hourly = `avg_over_time((${expr})[1h:5m])`;
  const range = { start: end - WEEK_SECONDS, end, stepSeconds: HOUR_SECONDS };
  try {
    const { data } = await prometheus.queryRange(hourly, range, signal);
    // A point at `at` is the mean of the hour that ends then.
    const samples = (data[0]?.samples ?? []).map(({ at, value }) => ({ at: at - 1, value }));
    return weeklyTraffic(samples);
  } catch (error) {
    // Thresholds can still be set without this query; the plan says what is unknown.
    if (error instanceof UpstreamError && error.permanent) return null;
    throw error;
  }
}
