import type { History, Period } from './backtest';

/** Six hours each over two weeks: enough to see days, weeks and outages in a plot. */
const BUCKETS = 56;
/** A plot cannot show more. */
const DIGITS = 4;

/** The lowest and highest value of each part of a window; null where the part has no value. `step`: as `21600s`. */
export type HistorySketch = { step: string; low: (number | null)[]; high: (number | null)[] };

/**
 * A rule's history for a plot: the window (Unix seconds) in 56 equal parts, and the range of values in each. Undefined
 * without a finite value or for an empty window.
 */
export function sketchOf({ samples }: History, { from, to }: Period): HistorySketch | undefined {
  const step = Math.ceil((to - from) / BUCKETS);
  const finite = samples.filter(({ value }) => Number.isFinite(value));
  if (!(step > 0) || finite.length === 0) return undefined;
  const low: (number | null)[] = Array.from({ length: BUCKETS }, () => null);
  const high = [...low];
  for (const { at, value } of finite) {
    if (at < from || at > to) continue;
    const i = Math.min(BUCKETS - 1, Math.floor((at - from) / step));
    low[i] = Math.min(low[i] ?? value, value);
    high[i] = Math.max(high[i] ?? value, value);
  }
  const rounded = (value: number | null) =>
    value === null ? null : Number(value.toPrecision(DIGITS));
  return { step: `${step}s`, low: low.map(rounded), high: high.map(rounded) };
}
