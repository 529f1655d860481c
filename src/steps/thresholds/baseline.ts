import type { History, Period, Op, Sample } from './backtest';
import { anomaliesOf, joined, outside, pointsHeld, sustained, type Usual } from './anomalies';
import { inSameHours, movedTo, seasonOf, type Hours, type Season } from './seasonality';

/** Fewer samples say nothing about a level: half an hour at a minute each. */
export const MIN_LEVEL_SAMPLES = 30;

/** Quantiles of the finite samples; null where there are none. */
export type Baseline = {
  samples: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
};

/** Linear interpolation between ranks, as PromQL's quantile_over_time. */
export function quantileOf(sorted: ArrayLike<number>, q: number): number | null {
  const rank = q * (sorted.length - 1);
  const low = sorted[Math.floor(rank)];
  const high = sorted[Math.ceil(rank)];
  if (low === undefined || high === undefined) return null;
  return low + (high - low) * (rank - Math.floor(rank));
}

const sortedValues = (samples: readonly Sample[]): Float64Array =>
  Float64Array.from(samples, ({ value }) => value).sort();

const finite = (samples: readonly Sample[]): Sample[] =>
  samples.filter(({ value }) => Number.isFinite(value));

/** Ignores gaps, NaN and infinities. */
export function baselineOf({ samples }: Pick<History, 'samples'>): Baseline {
  const values = sortedValues(finite(samples));
  return {
    samples: values.length,
    p50: quantileOf(values, 0.5),
    p95: quantileOf(values, 0.95),
    p99: quantileOf(values, 0.99),
    max: values.at(-1) ?? null,
  };
}

/** History made ready for setting a level. */
export type Prepared = {
  /** Without anomalies, NaN and infinities, and moved to the hours of the release where the metric has a season. */
  calm: History;
  usual: Usual;
  season: Season;
  anomalies: Period[];
  /** Quantiles of the calm samples, at the same hours if the metric has a season. */
  baseline: Baseline;
};

/** When the release may run, and how long a rule's condition must hold. */
export type Judged = {
  op: Op;
  forSeconds: number;
  hours: Hours;
  /** Its anomalies are so frequent that they are normal operation. */
  ignoreAnomalies?: boolean;
  /** The cycle, if already known. */
  season?: Season;
};

/** `outages` are times at which several metrics were unusual; they are left out too. */
export function prepare(
  { samples, stepSeconds }: History,
  { op, forSeconds, hours, ignoreAnomalies = false, season: known }: Judged,
  outages: readonly Period[] = [],
): Prepared {
  const all = finite(samples);
  const season = known ?? seasonOf(all);
  const moved = movedTo(all, season, hours, op);
  const usual = usualOf(moved, op);
  const held = sustained({ samples: moved, stepSeconds }, op, pointsHeld(forSeconds, stepSeconds));
  const anomalies = ignoreAnomalies ? [] : anomaliesOf(held, usual, op);
  // A held value is at the end of its hold time, and its rate looks back further.
  const margin = forSeconds + 300;
  const isCalm = outside(outside(moved, anomalies, margin), outages, margin);
  const calmTimes = new Set(isCalm.map(({ at }) => at));
  const unmoved = all.filter(({ at }) => calmTimes.has(at) && inSameHours(season, at, hours));
  return {
    calm: { samples: isCalm, stepSeconds },
    usual: usualOf(isCalm, op),
    season,
    anomalies: joined([...anomalies, ...outages]),
    baseline: baselineOf({ samples: unmoved }),
  };
}

function usualOf(samples: readonly Sample[], op: Op): Usual {
  const sorted = sortedValues(samples);
  const middle = quantileOf(sorted, 0.5) ?? NaN;
  const edge = quantileOf(sorted, op === '>' ? 0.95 : 0.05) ?? NaN;
  return { middle, reach: Math.abs(edge - middle) };
}
