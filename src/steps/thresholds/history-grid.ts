/** When a history begins and ends, Unix seconds. */
export type HistoryWindow = { start: number; end: number };

const DAY_SECONDS = 86_400;

/**
 * Two weeks contain each hour of the week twice. A step of two minutes gives 10,081 points, which is one request
 * below Prometheus's limit of 11,000, and shows conditions that hold for five minutes. Where a metric has too many
 * series for that, first the step becomes coarser, then the history shorter.
 */
const GRIDS = [
  { days: 14, stepSeconds: 120 },
  { days: 14, stepSeconds: 300 },
  { days: 7, stepSeconds: 300 },
  { days: 3, stepSeconds: 300 },
  { days: 1, stepSeconds: 300 },
];
/** Samples that one query may load. Prometheus allows 50 million by default, for all queries at a time. */
const MAX_LOADED = 20_000_000;
/** Assumed number of buckets of a histogram, since series are counted by its `_count`. */
const BUCKETS = 15;

/** The window and step of a rule's history, by the number of its series. */
export function historyGrid(
  series: number,
  isHistogram: boolean,
  now: number,
): { window: HistoryWindow; stepSeconds: number } {
  const loaded = Math.max(1, series) * (isHistogram ? BUCKETS : 1);
  const fits = GRIDS.find(
    ({ days, stepSeconds }) => (loaded * days * DAY_SECONDS) / stepSeconds <= MAX_LOADED,
  );
  const { days, stepSeconds } = fits ?? { days: 1, stepSeconds: 300 };
  const end = Math.floor(now / stepSeconds) * stepSeconds;
  return { window: { start: end - days * DAY_SECONDS, end }, stepSeconds };
}
