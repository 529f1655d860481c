import type { Window } from '../analysis/watched-groups';

const DAY_SECONDS = 86_400;

/**
 * Two weeks, so that each hour of the week came twice; every two minutes, so that they are 10,081 points: one
 * request under the limit of 11,000, and fine enough to see a condition hold for five minutes. Where a metric has
 * so many series that this would load too much, first the grid becomes coarser, then history shorter.
 */
const GRIDS = [
  { days: 14, stepSeconds: 120 },
  { days: 14, stepSeconds: 300 },
  { days: 7, stepSeconds: 300 },
  { days: 3, stepSeconds: 300 },
  { days: 1, stepSeconds: 300 },
];
/** Samples that one query may load: Prometheus refuses 50 million by default, and others ask as well. */
const MAX_LOADED = 20_000_000;
/** Series of a histogram for each of its `_count`. */
const BUCKETS = 15;

/** The window and grid of a rule's history by the number of its series. */
export function historyGrid(
  series: number,
  isHistogram: boolean,
  now: number,
): { window: Window; stepSeconds: number } {
  const loaded = Math.max(1, series) * (isHistogram ? BUCKETS : 1);
  const fits = GRIDS.find(
    ({ days, stepSeconds }) => (loaded * days * DAY_SECONDS) / stepSeconds <= MAX_LOADED,
  );
  const { days, stepSeconds } = fits ?? { days: 1, stepSeconds: 300 };
  const end = Math.floor(now / stepSeconds) * stepSeconds;
  return { window: { start: end - days * DAY_SECONDS, end }, stepSeconds };
}
