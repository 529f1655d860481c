import {
  backtest,
  isBeyond,
  secondsOf,
  type Backtest,
  type History,
  type Interval,
  type Op,
  type Sample,
} from './backtest';
import { pointsHeld, sustained } from './anomalies';
import { roundLevel } from './format-level';
import type { GroupLevel } from '../knowledge/metric-groups';
import { MIN_LEVEL_SAMPLES, type Prepared } from './baseline';

export type Threshold = {
  threshold: number;
  for: string;
  source: string;
  backtest: Backtest;
};

/** Beyond the worst that ever held in calm times, by this much of its distance from the middle. */
export const MARGIN = 1.3;
/** And by a fifth of the middle: a new version may need a little more of anything. */
const LEAST_RISE = 0.2;
/** Traffic falls by itself: only below this share of the usual it is a drop. */
const LOW_SHARE = 0.7;
/** A share of successes near 1 is measured from 1: five percentage points. */
const LEAST_FALL_OF_RATIO = 0.05;
/** A level within which a doubling, or a halving, would stay unseen. */
const BLUNT = { '>': 1.8, '<': 0.5 };
const FOR_FACTORS = [1, 2, 3];
const MAX_FOR_SECONDS = 900;

/** Into the bounds of the knowledge base, to 2 digits without leaving them. */
export function boundedLevel(value: number, { op, min, max }: Bounded): number {
  const rounded = roundLevel(value, op === '>' ? 'up' : 'down');
  if (max !== undefined && rounded > max) return roundLevel(max, 'down');
  if (min !== undefined && rounded < min) return roundLevel(min, 'up');
  return rounded;
}
type Bounded = Pick<GroupLevel, 'op' | 'min' | 'max'>;

/** A level that was tried: `held` are the calm values that a level must be beyond, `fired` counts those it is not. */
type Tried = Pick<Threshold, 'threshold' | 'for' | 'source'> & { held: Sample[]; fired: number };

/**
 * The level of a rule: from how the system runs at the hours of the release, inside the bounds of the knowledge
 * base, held longer where that alone makes it calm or sharp. Undefined when neither history nor knowledge gives one.
 */
export function thresholdOf(
  prepared: Prepared,
  level: GroupLevel,
  margin = MARGIN,
): Threshold | undefined {
  const best = chosenLevel(prepared, level, margin);
  if (best === undefined) return undefined;
  const { threshold, source } = best;
  const forSeconds = secondsOf(best.for);
  const tried = backtest(prepared.calm, { op: level.op, threshold, forSeconds });
  return { threshold, for: best.for, source, backtest: tried };
}

/** The shortest hold time whose level is silent and sharp; else silent; else the quietest. */
function chosenLevel(prepared: Prepared, level: GroupLevel, margin: number): Tried | undefined {
  const tried = holdTimes(level.for).flatMap(
    (hold) => levelFor(prepared, level, hold, margin) ?? [],
  );
  const silent = tried.filter(({ fired }) => fired === 0);
  const { middle } = prepared.usual;
  const sharp = silent.find(({ threshold }) =>
    level.op === '>' ? threshold <= BLUNT['>'] * middle : threshold >= BLUNT['<'] * middle,
  );
  return sharp ?? silent[0] ?? [...tried].sort((a, b) => a.fired - b.fired)[0];
}

const holdTimes = (duration: string): string[] => [
  ...new Set(
    FOR_FACTORS.map((factor) => {
      const seconds = secondsOf(duration);
      return `${Math.max(seconds, Math.min(seconds * factor, MAX_FOR_SECONDS))}s`;
    }),
  ),
];

function levelFor(prepared: Prepared, level: GroupLevel, hold: string, margin: number) {
  const { calm } = prepared;
  const held = sustained(calm, level.op, pointsHeld(secondsOf(hold), calm.stepSeconds));
  const start = startOf(prepared, level, held, margin);
  if (start === undefined) return undefined;
  const threshold = boundedLevel(start.value, level);
  const own = start.fromHistory && threshold === boundedLevel(start.value, { op: level.op });
  const source = own ? 'history' : `knowledge:${level.document ?? 'general'}`;
  const fired = held.filter(({ value }) => isBeyond(value, level.op, threshold)).length;
  return { threshold, for: hold, source, held, fired };
}

function startOf(
  { calm, usual }: Prepared,
  level: GroupLevel,
  held: readonly Sample[],
  margin: number,
): { value: number; fromHistory: boolean } | undefined {
  const known = level.default === null ? undefined : { value: level.default, fromHistory: false };
  if (calm.samples.length < MIN_LEVEL_SAMPLES || held.length === 0) return known;
  const value = beyond({ ...usual, worst: worstOf(held, level.op) }, level, margin);
  // Nothing ever happened: one event would already be beyond 0.
  return level.op === '<' || value > 0 || known === undefined
    ? { value, fromHistory: true }
    : known;
}

function worstOf(held: readonly Sample[], op: Op): number {
  let worst = op === '>' ? -Infinity : Infinity;
  for (const { value } of held) if (isBeyond(value, op, worst)) worst = value;
  return worst;
}

type Run = Prepared['usual'] & { worst: number };

function beyond({ middle, reach, worst }: Run, { op, unit }: GroupLevel, margin: number): number {
  const far = Math.max(margin * Math.abs(worst - middle), reach);
  if (op === '>') return middle + Math.max(far, LEAST_RISE * Math.abs(middle));
  if (unit === 'ratio' && middle > 0.5) return middle - Math.max(far, LEAST_FALL_OF_RATIO);
  // What must not fall to 0 is measured by factors, so that its level never is 0 by subtraction.
  const fall = middle > 0 && worst > 0 ? Math.min(1, worst / middle) ** margin : 0;
  return middle * Math.min(fall, LOW_SHARE);
}

/** A part of history that the others set the level for: days, or hours where there are few days. */
const FOLDS = 2;
const DAY_SECONDS = 86_400;
const SHORT_BLOCK_SECONDS = 3 * 3600;
const MIN_DAYS = 4;

/**
 * When the rule would have fired on calm times that its level was not set from: each half of history, by
 * alternate days, is judged by the level that the other half gives.
 */
export function firesUnseen(
  prepared: Prepared,
  level: GroupLevel,
  hold: string,
  margin: number,
): Interval[] {
  const { calm, usual } = prepared;
  const forSeconds = secondsOf(hold);
  const held = sustained(calm, level.op, pointsHeld(forSeconds, calm.stepSeconds));
  if (calm.samples.length < MIN_LEVEL_SAMPLES) return firedAt(held, level.op, level.default);
  const foldOf = foldsOf(calm);
  return Array.from({ length: FOLDS }, (_, fold) => {
    const seen = held.filter(({ at }) => foldOf(at) !== fold);
    const unseen = held.filter(({ at }) => foldOf(at) === fold);
    if (seen.length === 0) return [];
    const value = beyond({ ...usual, worst: worstOf(seen, level.op) }, level, margin);
    const isFlat = level.op === '>' && value <= 0 && level.default !== null;
    const start = isFlat ? level.default : value;
    return firedAt(unseen, level.op, start === null ? null : boundedLevel(start, level));
  }).flat();
}

const firedAt = (held: readonly Sample[], op: Op, threshold: number | null): Interval[] =>
  threshold === null
    ? []
    : held
        .filter(({ value }) => isBeyond(value, op, threshold))
        .map(({ at }) => ({ from: at, to: at }));

function foldsOf({ samples }: History): (at: number) => number {
  const span = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
  const block = span >= MIN_DAYS * DAY_SECONDS ? DAY_SECONDS : SHORT_BLOCK_SECONDS;
  return (at) => Math.floor(at / block) % FOLDS;
}
