import type { Sample } from '../thresholds/backtest';
import type { Measured } from './measured-rule';

/** Two rates are of one stream when they differ by at most this much at nearly all times. */
const MAX_DIFFERENCE = 0.05;
const MIN_ALIKE_SHARE = 0.9;
const MIN_COMMON = 2;

/**
 * Leaves one rule for each stream of requests. A counter of requests and the `_count` of their histogram have the same
 * rate: of rules in one group that watch for a fall and whose rates are the same over the whole history, the first
 * one stays.
 */
export function withoutRepeatedStreams(measured: readonly Measured[]): Measured[] {
  const kept: Measured[] = [];
  for (const rule of measured) {
    if (!kept.some((earlier) => isSameStream(earlier, rule))) kept.push(rule);
  }
  return kept;
}

const watchesFall = ({ form: { level } }: Measured): boolean =>
  level.form === 'rate' && level.op === '<';

const isSameStream = (one: Measured, other: Measured): boolean =>
  one.group === other.group &&
  watchesFall(one) &&
  watchesFall(other) &&
  areAlike(one.history.samples, other.history.samples);

function areAlike(one: readonly Sample[], other: readonly Sample[]): boolean {
  const values = new Map(one.map(({ at, value }) => [at, value]));
  const pairs = other.flatMap(({ at, value }) => {
    const first = values.get(at);
    return first !== undefined && first + value > 0 ? [[first, value] as const] : [];
  });
  if (pairs.length < MIN_COMMON) return false;
  const alike = pairs.filter(([a, b]) => Math.abs(a - b) <= MAX_DIFFERENCE * Math.max(a, b));
  return alike.length >= MIN_ALIKE_SHARE * pairs.length;
}
