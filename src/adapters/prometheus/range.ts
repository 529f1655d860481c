import type { Series } from './wire';

/** Unix seconds. */
export type Range = { start: number; end: number; stepSeconds: number };

/** Prometheus refuses a range query of more points than this for one series. */
export const MAX_POINTS = 11_000;

/** One range → ranges of at most `maxPoints` points that together hold each point once. */
export function splitRange(range: Range, maxPoints = MAX_POINTS): Range[] {
  const { start, end, stepSeconds } = range;
  const points = Math.floor((end - start) / stepSeconds) + 1;
  const parts: Range[] = [];
  for (let first = 0; first < points; first += maxPoints) {
    const last = Math.min(first + maxPoints, points) - 1;
    parts.push({
      start: start + first * stepSeconds,
      end: start + last * stepSeconds,
      stepSeconds,
    });
  }
  return parts;
}

/** Joins the same series of consecutive ranges. */
export function joinSeries(parts: Series[][]): Series[] {
  const joined = new Map<string, Series>();
  for (const { labels, samples } of parts.flat()) {
    const key = JSON.stringify(Object.entries(labels).sort());
    const known = joined.get(key);
    if (known) known.samples = known.samples.concat(samples);
    else joined.set(key, { labels, samples });
  }
  return [...joined.values()];
}
