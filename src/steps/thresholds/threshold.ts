import {
  backtest,
  isBeyond,
  type Backtest,
  type History,
  type Period,
  type Op,
  type Sample,
} from './backtest';
import { parseSeconds } from '../text/parse-seconds';
import { pointsHeld, sustained, type Usual } from './anomalies';
import { roundLevel } from './format-level';
import type { GroupLevel } from '../knowledge/metric-groups';
import { MIN_LEVEL_SAMPLES, type Prepared } from './baseline';

export type Threshold = {
  threshold: number;
  for: string;
  source: string;
  backtest: Backtest;
};

/** A level is at this many times the distance from the median to the worst value that ever held in calm history. */
export const MARGIN = 1.3;
/** And at least a fifth above the median: a new version may need a little more of anything. */
const LEAST_RISE = 0.2;
/** Values that must not fall vary by themselves: a fall is below this share of the median. */
const LOW_SHARE = 0.7;
/** A ratio near 1, such as a share of successes, falls by at least five percentage points. */
const LEAST_FALL_OF_RATIO = 0.05;
/**
 * A level is sharp when it is at most this many times the median: a value that doubles then passes it clearly, with
 * room for noise and for the rounding of the level. (`hidesDoubling` in rules/canary-ratio has the exact limit of 2:
 * it decides whether one more query is worth its cost, not which hold time is better.)
 */
const SHARP = { '>': 1.8, '<': 0.5 };
/**
 * With less history than a level needs, a rate that must not fall is compared with this share of what was seen so far:
 * nothing is known yet of quiet hours, and a fixed default (0.01/s at 34/s) would never fire.
 */
const EARLY_SHARE = 0.1;
const FOR_FACTORS = [1, 2, 3];
const MAX_FOR_SECONDS = 900;

/** Limits a level to the bounds of the knowledge base and rounds it to 2 digits inside them. */
export function boundedLevel(value: number, { op, min, max }: Bounded): number {
  const rounded = roundLevel(value, op === '>' ? 'up' : 'down');
  if (max !== undefined && rounded > max) return roundLevel(max, 'down');
  if (min !== undefined && rounded < min) return roundLevel(min, 'up');
  return rounded;
}
type Bounded = Pick<GroupLevel, 'op' | 'min' | 'max'>;

/** A level at one hold time; `fired` counts the calm values that held and are beyond it. */
type Tried = Pick<Threshold, 'threshold' | 'for' | 'source'> & { fired: number };

/**
 * The level of a rule: from how the system runs at the hours of the release, inside the bounds of the knowledge
 * base. The hold time is extended where only that makes the rule silent or sharp. Undefined when neither history nor
 * the knowledge base gives a level.
 */
export function thresholdOf(
  prepared: Prepared,
  level: GroupLevel,
  margin = MARGIN,
): Threshold | undefined {
  const best = chosenLevel(prepared, level, margin);
  if (best === undefined) return undefined;
  const { threshold, source } = best;
  const forSeconds = parseSeconds(best.for);
  const tried = backtest(prepared.calm, { op: level.op, threshold, forSeconds });
  return { threshold, for: best.for, source, backtest: tried };
}

/** The shortest hold time whose level is silent on calm history and sharp; else silent; else the quietest. */
function chosenLevel(prepared: Prepared, level: GroupLevel, margin: number): Tried | undefined {
  const tried = holdTimes(level.for).flatMap(
    (hold) => levelHeldFor(hold, prepared, level, margin) ?? [],
  );
  const silent = tried.filter(({ fired }) => fired === 0);
  const { middle } = prepared.usual;
  const sharp = silent.find(({ threshold }) =>
    level.op === '>' ? threshold <= SHARP['>'] * middle : threshold >= SHARP['<'] * middle,
  );
  return sharp ?? silent[0] ?? [...tried].sort((a, b) => a.fired - b.fired)[0];
}

const holdTimes = (duration: string): string[] => [
  ...new Set(
    FOR_FACTORS.map((factor) => {
      const seconds = parseSeconds(duration);
      return `${Math.max(seconds, Math.min(seconds * factor, MAX_FOR_SECONDS))}s`;
    }),
  ),
];

/** The level when a breach must hold for `hold`: the longer it must hold, the fewer calm values reach it. */
function levelHeldFor(
  hold: string,
  prepared: Prepared,
  level: GroupLevel,
  margin: number,
): Tried | undefined {
  const { calm } = prepared;
  const held = sustained(calm, level.op, pointsHeld(parseSeconds(hold), calm.stepSeconds));
  const fromHistory =
    calm.samples.length < MIN_LEVEL_SAMPLES
      ? earlyLevel(prepared.usual, level)
      : levelFromHistory(prepared.usual, held, level, margin);
  const unbounded = fromHistory ?? level.default;
  if (unbounded === null) return undefined;
  const threshold = boundedLevel(unbounded, level);
  const isOwn =
    fromHistory !== undefined && threshold === boundedLevel(fromHistory, { op: level.op });
  const source = isOwn ? 'history' : `knowledge:${level.document ?? 'general'}`;
  const fired = held.filter(({ value }) => isBeyond(value, level.op, threshold)).length;
  return { threshold, for: hold, source, fired };
}

/** A provisional level of a rate that must not fall; undefined for other rules and without samples. */
function earlyLevel({ middle }: Usual, { op, unit }: GroupLevel): number | undefined {
  const early = EARLY_SHARE * middle;
  return op === '<' && unit === 'per_second' && early > 0 ? early : undefined;
}

/** Before bounds. Undefined where history gives no level, so that the default of the knowledge base is taken. */
function levelFromHistory(
  usual: Usual,
  held: readonly Sample[],
  level: GroupLevel,
  margin: number,
): number | undefined {
  if (held.length === 0) return undefined;
  const value = beyondCalm(usual, worstOf(held, level.op), level, margin);
  // All of it is 0: a level of 0 would fire at the first event.
  const isFlat = level.op === '>' && !(value > 0);
  return isFlat && level.default !== null ? undefined : value;
}

function worstOf(held: readonly Sample[], op: Op): number {
  let worst = op === '>' ? -Infinity : Infinity;
  for (const { value } of held) if (isBeyond(value, op, worst)) worst = value;
  return worst;
}

/** A level beyond the worst value that held in calm history, by a margin of its distance from the median. */
function beyondCalm(
  { middle, reach }: Usual,
  worst: number,
  { op, unit }: GroupLevel,
  margin: number,
): number {
  const far = Math.max(margin * Math.abs(worst - middle), reach);
  if (op === '>') return middle + Math.max(far, LEAST_RISE * Math.abs(middle));
  if (unit === 'ratio' && middle > 0.5) return middle - Math.max(far, LEAST_FALL_OF_RATIO);
  // A fall is measured by factors: by subtraction the level could be 0 or less, which never fires.
  const fall = middle > 0 && worst > 0 ? Math.min(1, worst / middle) ** margin : 0;
  return middle * Math.min(fall, LOW_SHARE);
}

/** History is cut into blocks of a day, or of three hours where there are few days; every second block is one fold. */
const FOLDS = 2;
const DAY_SECONDS = 86_400;
const SHORT_BLOCK_SECONDS = 3 * 3600;
const MIN_DAYS = 4;

/**
 * When the rule would have fired in calm history that its level was not set from: the level of each half of history
 * (alternating blocks) is tried on the other half (cross-validation with two folds).
 */
export function firesUnseen(
  prepared: Prepared,
  level: GroupLevel,
  hold: string,
  margin: number,
): Period[] {
  const { calm, usual } = prepared;
  const held = sustained(calm, level.op, pointsHeld(parseSeconds(hold), calm.stepSeconds));
  if (calm.samples.length < MIN_LEVEL_SAMPLES) return firedAt(held, level.op, level.default);
  const foldOf = foldsOf(calm);
  return Array.from({ length: FOLDS }, (_, fold) => {
    const seen = held.filter(({ at }) => foldOf(at) !== fold);
    const unseen = held.filter(({ at }) => foldOf(at) === fold);
    if (seen.length === 0) return [];
    const unbounded = levelFromHistory(usual, seen, level, margin) ?? level.default;
    return firedAt(unseen, level.op, unbounded === null ? null : boundedLevel(unbounded, level));
  }).flat();
}

const firedAt = (held: readonly Sample[], op: Op, threshold: number | null): Period[] =>
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
