import type { MetricScope, WatchedGroup } from '../../domain/metrics';
import { scopeMatchers, selector } from '../rules/promql';
import type { WeeklyTraffic } from './observation-window';

const WEEK_HOURS = 168;
/** With less than a day the daily rhythm is not known. */
const MIN_HOURS = 24;

/** PromQL for the requests per second of the whole service; undefined when no watched metric counts requests. */
export function trafficExpr(
  groups: readonly WatchedGroup[],
  scope: MetricScope,
): string | undefined {
  const rules = (name: string) =>
    groups.filter((group) => group.name === name).flatMap((group) => group.rules);
  const counted = rules('Traffic').find(
    ({ unit, judgeable }) => unit === 'per_second' && judgeable !== 'blind',
  );
  if (counted !== undefined) return counted.expr;
  const timed = rules('Latency').find(
    ({ expr, judgeable }) => judgeable !== 'blind' && expr.includes('_bucket{'),
  );
  if (timed === undefined) return undefined;
  const count = timed.candidate.replace(/_bucket$/, '').concat('_count');
  return `sum(rate(${selector(count, scopeMatchers(scope))}[5m]))`;
}

/**
 * Hourly means (Unix seconds, requests per second) → requests per second by hour of the week, Monday 00:00 UTC first.
 * An hour that was never seen takes the mean of the same hour of other days. Null for less than a day of hours.
 */
export function weeklyTraffic(
  samples: readonly { at: number; value: number }[],
): WeeklyTraffic | null {
  const known = samples.filter(({ value }) => Number.isFinite(value) && value >= 0);
  if (known.length < MIN_HOURS) return null;
  const byHour = groupBy(known, ({ at }) => (Math.floor(at / 3600) + 72) % WEEK_HOURS);
  const byTimeOfDay = groupBy(known, ({ at }) => Math.floor(at / 3600) % 24);
  const overall = mean(known);
  return Array.from({ length: WEEK_HOURS }, (_, hour) =>
    mean(byHour.get(hour) ?? byTimeOfDay.get(hour % 24) ?? [{ value: overall }]),
  );
}

const mean = (samples: readonly { value: number }[]): number =>
  samples.reduce((sum, { value }) => sum + value, 0) / samples.length;

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => number): Map<number, Item[]> {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
