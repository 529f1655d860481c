import { backtest, secondsOf, type Backtest, type History, type Op } from './backtest';
import { roundLevel } from './human-units';
import type { GroupLevel } from './known-groups';

/** Quantiles of the finite samples; null where there are none. */
export type Baseline = {
  samples: number;
  p01: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
};

export type Threshold = {
  threshold: number;
  for: string;
  source: string;
  backtest: Backtest;
};

/** Fewer samples say nothing about a level: half an hour at a minute each. */
export const MIN_LEVEL_SAMPLES = 30;
/** Above the highest calm level by a fifth of it, or by twice its usual distance from the median. */
const MARGIN = 0.2;
const SPREAD = 2;
/** Traffic falls by itself at night: a drop below this share of the lowest calm level is a drop. */
const LOW_SHARE = 0.7;
const RAISE = 1.1;
/** Past outages are no calm times: a level moves at most so far to let them pass. */
const MAX_RAISE = 2;
const FOR_FACTORS = [1, 2, 3];
const MAX_FOR_SECONDS = 900;

/** Linear interpolation between ranks, as PromQL's quantile_over_time. */
export function quantileOf(sorted: readonly number[], q: number): number | null {
  const rank = q * (sorted.length - 1);
  const low = sorted[Math.floor(rank)];
  const high = sorted[Math.ceil(rank)];
  if (low === undefined || high === undefined) return null;
  return low + (high - low) * (rank - Math.floor(rank));
}

/** Robust to gaps, NaN and infinities: they are no samples. */
export function baselineOf({ samples }: History): Baseline {
  const values = samples.map(({ value }) => value).filter(Number.isFinite);
  values.sort((a, b) => a - b);
  return {
    samples: values.length,
    p01: quantileOf(values, 0.01),
    p50: quantileOf(values, 0.5),
    p95: quantileOf(values, 0.95),
    p99: quantileOf(values, 0.99),
    max: values.at(-1) ?? null,
  };
}

/** Into the bounds of the knowledge base, to 2 digits without leaving them. */
export function boundedLevel(value: number, { op, min, max }: Bounded): number {
  const rounded = roundLevel(value, op === '>' ? 'up' : 'down');
  if (max !== undefined && rounded > max) return roundLevel(max, 'down');
  if (min !== undefined && rounded < min) return roundLevel(min, 'up');
  return rounded;
}
type Bounded = Pick<GroupLevel, 'op' | 'min' | 'max'>;

/**
 * The level of a rule: from how the system runs, inside the bounds of the knowledge base, moved or held
 * longer while it would have fired in the past. Undefined when neither history nor knowledge gives one.
 */
export function thresholdOf(history: History, level: GroupLevel): Threshold | undefined {
  const start = startOf(baselineOf(history), level);
  if (start === undefined) return undefined;
  const threshold = boundedLevel(start.value, level);
  const ownSource = start.fromHistory && threshold === roundedFor(start.value, level.op);
  const source = ownSource ? 'history' : `knowledge:${level.document ?? 'general'}`;
  return calm(history, level, threshold, source);
}

const roundedFor = (value: number, op: Op): number => roundLevel(value, op === '>' ? 'up' : 'down');

function startOf(
  { samples, p01, p50, p99 }: Baseline,
  level: GroupLevel,
): { value: number; fromHistory: boolean } | undefined {
  const known = level.default === null ? undefined : { value: level.default, fromHistory: false };
  if (samples < MIN_LEVEL_SAMPLES || p01 === null || p50 === null || p99 === null) return known;
  if (level.op === '<') return { value: p01 * LOW_SHARE, fromHistory: true };
  const value = p99 + Math.max(MARGIN * Math.abs(p99), SPREAD * (p99 - p50));
  // Nothing ever happened: one event would already be beyond 0.
  return value > 0 || known === undefined ? { value, fromHistory: true } : known;
}

/** The first level and hold time, from the tightest on, that stay silent; else the quietest of them. */
function calm(history: History, level: GroupLevel, first: number, source: string): Threshold {
  let best: Threshold | undefined;
  for (const duration of holdTimes(level.for)) {
    for (const threshold of looser(first, level)) {
      const tried = backtest(history, {
        op: level.op,
        threshold,
        forSeconds: secondsOf(duration),
      });
      const result = { threshold, for: duration, backtest: tried };
      const moved = threshold !== first && source !== 'history' ? 'history' : source;
      if (tried.fired === 0) return { ...result, source: moved };
      if (best === undefined || tried.fired < best.backtest.fired)
        best = { ...result, source: moved };
    }
  }
  return best as Threshold;
}

const holdTimes = (duration: string): string[] => [
  ...new Set(
    FOR_FACTORS.map((factor) => {
      const seconds = secondsOf(duration);
      return `${Math.max(seconds, Math.min(seconds * factor, MAX_FOR_SECONDS))}s`;
    }),
  ),
];

/** From a level on, away from calm, until twice (or half) of it or the bound. */
function looser(first: number, level: GroupLevel): number[] {
  const levels = new Set([first]);
  for (let factor = RAISE; factor <= MAX_RAISE; factor *= RAISE) {
    const value = level.op === '>' ? first + Math.abs(first) * (factor - 1) : first / factor;
    levels.add(boundedLevel(value, level));
  }
  return [...levels];
}
