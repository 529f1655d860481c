import { UpstreamError } from '../upstream/upstream-error';
import type { Series } from './response-schemas';

/** Unix seconds. */
export type Range = {
  start: number;
  end: number;
  stepSeconds: number;
  /** How long a series without new samples counts as there; without it, as long as the server says (5 minutes). */
  lookBackSeconds?: number;
};

/** Prometheus refuses a range query of more points than this for one series. */
export const MAX_POINTS = 11_000;

/** One range → ranges of at most `maxPoints` points that together hold each point once. */
export function splitRange(range: Range, maxPoints = MAX_POINTS): Range[] {
  const { start, end, stepSeconds, lookBackSeconds } = range;
  const points = Math.floor((end - start) / stepSeconds) + 1;
  const parts: Range[] = [];
  for (let first = 0; first < points; first += maxPoints) {
    const last = Math.min(first + maxPoints, points) - 1;
    parts.push({
      start: start + first * stepSeconds,
      end: start + last * stepSeconds,
      stepSeconds,
      ...(lookBackSeconds !== undefined && { lookBackSeconds }),
    });
  }
  return parts;
}

const PARTS = 6;
const COARSER = 5;

/** The same points in a few short ranges: what one query loads shrinks with its range. */
export function inParts(range: Range): Range[] {
  const points = Math.floor((range.end - range.start) / range.stepSeconds) + 1;
  return splitRange(range, Math.min(MAX_POINTS, Math.max(1, Math.ceil(points / PARTS))));
}

/** Fewer points over the same range, still on the grid of the finer one. */
export const coarser = ({ start, end, stepSeconds, ...more }: Range): Range => ({
  ...more,
  start: end - Math.floor((end - start) / (stepSeconds * COARSER)) * stepSeconds * COARSER,
  end,
  stepSeconds: stepSeconds * COARSER,
});

/**
 * Limits on what one query may load: Prometheus (`query processing would load too many samples`, `query timed out`),
 * Thanos and Mimir (`exceeded … limit`, `max-…-per-query`), VictoriaMetrics (`cannot select more than -search.max…`).
 */
const TOO_HEAVY =
  /too many (?:samples|points|chunks|series)|timed out|exceed(?:s|ed)? .{0,200}(?:limit|maximum)|-per-query|-search\.max/i;

/** Smaller queries do not help here: Temporal retries after the delay that the server gives. */
const RATE_LIMITED = 429;

/** Whether a smaller query of the same kind may succeed. */
export const isTooHeavy = (error: unknown): boolean =>
  error instanceof UpstreamError &&
  (error.tooLarge ||
    (error.status !== undefined && error.status !== RATE_LIMITED && TOO_HEAVY.test(error.message)));

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
