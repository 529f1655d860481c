import type { Sample } from './backtest';

/**
 * The usual cycle of a metric: by hour of the day or of the week. `profile` holds its usual value in the middle of each
 * half hour of the cycle. Noise adds to it or, if noise grows with the value, multiplies it.
 */
export type Season =
  { kind: 'none' } | { kind: 'day' | 'week'; noise: 'adds' | 'multiplies'; profile: number[] };

const BIN_SECONDS = 1800;
const DAY_SECONDS = 86_400;
const CYCLE = { day: DAY_SECONDS, week: 7 * DAY_SECONDS };
/** A cycle needs repetition: three days, or two weeks (less an hour, because a grid may begin late). */
const NEEDED = { day: 3 * DAY_SECONDS, week: 2 * CYCLE.week - 3600 };
/** A profile that leaves more than this share of the spread unexplained is not used. */
const MAX_LEFT = { day: 0.7, week: 0.8 };
/** Normal noise: the median distance from the median is 0.6745 of its standard deviation. */
const MIN_BIN_SAMPLES = 8;

/** The middle of values; NaN of none. Sorts a copy. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

const spreadOf = (values: readonly number[], centre: number): number =>
  median(values.map((value) => Math.abs(value - centre)));

/** The cycle that explains finite samples; `none` where history is too short or nothing repeats. */
export function seasonOf(samples: readonly Sample[]): Season {
  const values = samples.map(({ value }) => value);
  const span = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
  const flat = spreadOf(values, median(values));
  if (span < NEEDED.day || !(flat > 0)) return { kind: 'none' };
  const day = profileOf(samples, 'day');
  const byDay = day ? spreadAround(samples, day, 'day') : Infinity;
  const week = span >= NEEDED.week ? profileOf(samples, 'week') : undefined;
  const byWeek = week ? spreadAround(samples, week, 'week') : Infinity;
  if (week && byWeek < MAX_LEFT.week * Math.min(flat * MAX_LEFT.day, byDay)) {
    return { kind: 'week', noise: noiseOf(samples, week, 'week'), profile: week };
  }
  if (day && byDay < MAX_LEFT.day * flat) {
    return { kind: 'day', noise: noiseOf(samples, day, 'day'), profile: day };
  }
  return { kind: 'none' };
}

/** Smooths with neighbouring bins, so that a short outage in one of two weeks changes no median. */
function profileOf(samples: readonly Sample[], kind: 'day' | 'week'): number[] | undefined {
  const count = CYCLE[kind] / BIN_SECONDS;
  const bins: number[][] = Array.from({ length: count }, () => []);
  for (const { at, value } of samples) {
    bins[Math.floor((at % CYCLE[kind]) / BIN_SECONDS)]?.push(value);
  }
  if (bins.some((bin) => bin.length < MIN_BIN_SAMPLES)) return undefined;
  const middles = bins.map(median);
  if (kind === 'day') return middles;
  return middles.map((middle, index) => {
    const neighbours = [-1, 1].map((by) => middles[(index + by + count) % count] ?? middle);
    return median([middle, ...neighbours]);
  });
}

const spreadAround = (samples: readonly Sample[], profile: number[], kind: 'day' | 'week') =>
  median(samples.map(({ at, value }) => Math.abs(value - valueAt(profile, kind, at))));

/** Linear interpolation between the middles of two bins. */
function valueAt(profile: readonly number[], kind: 'day' | 'week', at: number): number {
  const place = (at % CYCLE[kind]) / BIN_SECONDS - 0.5;
  const low = Math.floor(place);
  const count = profile.length;
  const a = profile[(low + count) % count] ?? NaN;
  const b = profile[(low + 1 + count) % count] ?? NaN;
  return a + (b - a) * (place - low);
}

/** Whether noise grows with the value: it is wider where the profile is high. */
function noiseOf(samples: readonly Sample[], profile: number[], kind: 'day' | 'week') {
  const middle = median(profile);
  if (Math.min(...profile) <= 0) return 'adds';
  const apart = (high: boolean) =>
    samples
      .map(({ at, value }) => ({ value, usual: valueAt(profile, kind, at) }))
      .filter(({ usual }) => usual > middle === high);
  const [low, high] = [apart(false), apart(true)];
  const spread = (part: typeof low) =>
    median(part.map(({ value, usual }) => Math.abs(value - usual)));
  const levels = median(high.map(({ usual }) => usual)) / median(low.map(({ usual }) => usual));
  return spread(high) / spread(low) > Math.sqrt(levels) ? 'multiplies' : 'adds';
}

/** Unix seconds, both ends included. */
export type Hours = { from: number; to: number };

/** The usual value at the hours given that is nearest to firing. */
export function usualAt(season: Season, { from, to }: Hours, op: '>' | '<'): number | undefined {
  if (season.kind === 'none') return undefined;
  const points = Math.min(season.profile.length, Math.ceil((to - from) / BIN_SECONDS)) + 1;
  const step = (to - from) / (points - 1 || 1);
  const values = Array.from({ length: points }, (_, index) =>
    valueAt(season.profile, season.kind, from + index * step),
  );
  return op === '>' ? Math.max(...values) : Math.min(...values);
}

/** The same history, moved to the level of the given hours. */
export function movedTo(
  samples: readonly Sample[],
  season: Season,
  hours: Hours,
  op: '>' | '<',
): readonly Sample[] {
  const base = usualAt(season, hours, op);
  if (season.kind === 'none' || base === undefined) return samples;
  const { profile, kind, noise } = season;
  return samples.map(({ at, value }) => {
    const usual = valueAt(profile, kind, at);
    return { at, value: noise === 'adds' ? base + value - usual : (base * value) / usual };
  });
}

/** Whether a time lies in the same hours of its day or week as a range. */
export function inSameHours(season: Season, at: number, { from, to }: Hours): boolean {
  if (season.kind === 'none' || to - from >= CYCLE[season.kind]) return true;
  const cycle = CYCLE[season.kind];
  return (((at - from) % cycle) + cycle) % cycle <= to - from;
}
