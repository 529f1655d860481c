import { isGap, type History, type Period } from './backtest';
import { joined } from './anomalies';

/** Largest share of releases that a plan may stop without a cause. */
export const MAX_FALSE_STOPS = 0.05;
const SLIDE_SECONDS = 600;
/** A gap up to this long cannot hide an outage. */
const MIN_GAP_SECONDS = 600;

/** Releases that fit into calm history, and how many of them some rule would have stopped. */
export type FalseStops = { releases: number; stopped: number };

export const rateOf = ({ releases, stopped }: FalseStops): number =>
  releases === 0 ? 0 : stopped / releases;

/**
 * Slides a release over history in steps of ten minutes; positions that touch an outage or a gap do not count. All rules
 * are counted together: the result is how often a release is stopped, not how often a rule fires.
 */
export function falseStops(
  span: Period,
  notCalm: readonly Period[],
  firings: readonly (readonly Period[])[],
  releaseSeconds: number,
): FalseStops {
  const fired = joined(firings.flat());
  const excluded = joined(notCalm);
  let [releases, stopped] = [0, 0];
  for (let start = span.from; start + releaseSeconds <= span.to; start += SLIDE_SECONDS) {
    const release = { from: start, to: start + releaseSeconds };
    if (touches(release, excluded)) continue;
    releases += 1;
    if (touches(release, fired)) stopped += 1;
  }
  return { releases, stopped };
}

/** Binary search in sorted, joined intervals. */
function touches({ from, to }: Period, sorted: readonly Period[]): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.to ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return (sorted[low]?.from ?? Infinity) <= to;
}

/** Intervals in which the longest history has no samples, so the state is unknown. */
export function gapsOf(histories: readonly History[]): Period[] {
  const longest = histories.reduce<History | undefined>(
    (best, one) => (one.samples.length > (best?.samples.length ?? 0) ? one : best),
    undefined,
  );
  const { samples = [], stepSeconds = 1 } = longest ?? {};
  return samples.flatMap(({ at }, index) => {
    const from = samples[index - 1]?.at ?? at;
    return isGap(at - from, stepSeconds) && at - from > MIN_GAP_SECONDS ? [{ from, to: at }] : [];
  });
}
