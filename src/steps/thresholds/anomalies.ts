import { isBeyond, isGap, type History, type Period, type Op, type Sample } from './backtest';

/** The usual range of a metric: its median, and how far usual values deviate towards firing. */
export type Usual = { middle: number; reach: number };

/** A value more than this many reaches from the median is not ordinary noise (normal: 6.6 σ; exponential: 1 in 8,000). */
const FAR = [4, 8, 16, 32];
/** For a constant metric, a change by a fifth is far. */
const FAR_OF_CONSTANT = 0.2;
/** More frequent or longer deviations are normal operation, not anomalies. */
const MAX_SHARE = 0.04;
const DAYS_PER_EPISODE = 2;
const DAY_SECONDS = 86_400;
/** Breaks as short as this do not end an outage. */
const JOIN_SECONDS = 1_800;
/** A deviation that repeats at the same time of day is a scheduled job, not an incident. */
const SAME_TIME_SECONDS = 1_800;
const JOB_DAYS = 3;

/** Points that a condition must hold for; one fewer than Prometheus asks for where the grid is not a divisor. */
export const pointsHeld = (forSeconds: number, stepSeconds: number): number =>
  Math.max(1, Math.ceil(forSeconds / stepSeconds));

/** At each point the mildest of the last `points` values; a level beyond it does not fire there. */
export function sustained({ samples, stepSeconds }: History, op: Op, points: number): Sample[] {
  const held: Sample[] = [];
  let run = 0;
  let previous = -Infinity;
  for (const [last, { at, value }] of samples.entries()) {
    if (isGap(at - previous, stepSeconds) || !Number.isFinite(value)) run = 0;
    previous = at;
    if (!Number.isFinite(value)) continue;
    run = Math.min(points, run + 1);
    if (run === points) held.push({ at, value: mildestOf(samples, last - points + 1, last, op) });
  }
  return held;
}

/** The value of a run that is least beyond a limit. A loop, since a plan has thousands of samples for each of its rules. */
function mildestOf(samples: readonly Sample[], first: number, last: number, op: Op): number {
  let mildest = op === '>' ? Infinity : -Infinity;
  for (let i = first; i <= last; i += 1) {
    const value = samples[i]?.value ?? NaN;
    mildest = op === '>' ? Math.min(mildest, value) : Math.max(mildest, value);
  }
  return mildest;
}

/** Level beyond which a value that held is not noise. */
const farFrom = ({ middle, reach }: Usual, op: Op, times: number): number => {
  const distance = reach > 0 ? times * reach : FAR_OF_CONSTANT * Math.abs(middle);
  return op === '>' ? middle + distance : middle - distance;
};

/**
 * Outages and other incidents in values that held: far from usual, rare, short, and not at the same time of several
 * days. If too many values are far, the limit is raised; the remaining high values are normal operation.
 */
export function anomaliesOf(held: readonly Sample[], usual: Usual, op: Op): Period[] {
  const [first, last] = [held[0]?.at ?? 0, held.at(-1)?.at ?? 0];
  const allowed = Math.max(1, Math.ceil((last - first) / DAY_SECONDS / DAYS_PER_EPISODE));
  for (const times of FAR) {
    const level = farFrom(usual, op, times);
    const far = held.filter(({ value }) => isBeyond(value, op, level));
    if (far.length > Math.max(held.length * MAX_SHARE, 1)) continue;
    const episodes = joined(
      far.map(({ at }) => ({ from: at, to: at })),
      JOIN_SECONDS,
    );
    const single = episodes.filter((episode) => !isJob(episode, episodes));
    if (single.length <= allowed) return single;
  }
  return [];
}

function isJob({ from }: Period, episodes: readonly Period[]): boolean {
  const alike = episodes.filter((other) => {
    const apart = Math.abs(other.from - from) % DAY_SECONDS;
    return Math.min(apart, DAY_SECONDS - apart) <= SAME_TIME_SECONDS;
  });
  return new Set(alike.map((other) => Math.floor(other.from / DAY_SECONDS))).size >= JOB_DAYS;
}

/** Sorted intervals; those at most `gap` seconds apart are joined. */
export function joined(intervals: readonly Period[], gap = 0): Period[] {
  const result: Period[] = [];
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && from - last.to <= gap) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

/** The intervals in which at least `least` of the lists overlap. */
export function shared(lists: readonly (readonly Period[])[], least: number): Period[] {
  const edges = lists
    .flatMap((list) => joined(list))
    .flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.by - a.by);
  const result: Period[] = [];
  let depth = 0;
  for (const { at, by } of edges) {
    if (by === 1 && depth + 1 === least) result.push({ from: at, to: at });
    if (by === -1 && depth === least) (result.at(-1) as Period).to = at;
    depth += by;
  }
  return joined(result);
}

/** Samples outside of sorted, joined intervals, each widened by `margin` seconds before and after. */
export function outside<T extends { at: number }>(
  samples: readonly T[],
  intervals: readonly Period[],
  margin = 0,
): T[] {
  if (intervals.length === 0) return [...samples];
  let next = 0;
  return samples.filter(({ at }) => {
    while (next < intervals.length && at > (intervals[next]?.to ?? 0) + margin) next += 1;
    const interval = intervals[next];
    return interval === undefined || at < interval.from - margin;
  });
}
