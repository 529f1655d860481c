import type { Sample } from './action';
import type { GuardedRule } from './issue-view';
import type { Limit } from './state';
import { durationOf, durationText, millisecondsOf } from './time';

/** What the samples of one rule show. Times are milliseconds since 1970. */
export type Finding =
  | { kind: 'ok'; first: number; last: number; run?: Run }
  | { kind: 'breach'; at: number; value: number; limit: number; forMs: number }
  | { kind: 'no_data'; reason: string };
/** A breach at the end of what was judged that has not lasted for `for` yet. */
export type Run = { since: number; last: number };

/** A rule is sampled at least every 15 s; two missing samples are a gap. */
const LEAST_GAP_MS = 30_000;
/** Prometheus scrapes at most every minute in most installations: an older sample is stale. */
const LEAST_STALE_MS = 60_000;
/** One sample, or two, can be chance. */
const LEAST_SAMPLES = 3;
/** Clocks of Prometheus and of whoever asks may differ. */
const CLOCK_SKEW_MS = 5_000;

export type Judged = {
  rule: GuardedRule;
  limit?: Limit;
  samples: readonly Sample[];
  /** The deploy or repair; a sample that looks back beyond it shows the version or the fault of before. */
  from: number;
  /** Until when there must be samples: now, or the end of the observation. */
  to: number;
  now: number;
  /** Of the judgement before, so that a breach that two judgements share is seen whole. */
  before?: Run;
};

/** Judges samples: a breach of at least `for` anywhere wins, then whatever is missing, then ok. */
export function judgeSamples(judged: Judged): Finding {
  const { rule, limit, samples, from, to, now } = judged;
  const points = readPoints(samples);
  if (typeof points === 'string') return noData(points);
  const used = points.filter(({ at }) => at - rule.lookBackMs >= from);
  if (used.length === 0) {
    if (points.length === 0) return noData('there are no samples');
    const needed =
      rule.lookBackMs === 0 ? '' : ` with the ${durationText(rule.lookBackMs)} it looks back`;
    return noData(`no sample${needed} lies wholly after the deploy or the repair`);
  }
  if (used.some(({ at }) => at > now + CLOCK_SKEW_MS)) return noData('a sample is of the future');
  if (new Set(used.map(({ series }) => series)).size > 1)
    return noData('the samples are of several series');
  const level = {
    op: rule.op,
    threshold: limit?.threshold ?? rule.threshold,
    forMs: limit?.for === undefined ? rule.forMs : durationOf(limit.for),
  };
  const gap = allowedGap(used, level.forMs);
  const breach = breachIn(used, level, gap, judged.before);
  if (breach.kind === 'breach') return breach;
  return missingIn(used, gap, to) ?? { kind: 'ok', ...spanOf(used), run: breach.run };
}

type Point = { at: number; value: number; series: string };
type Level = { op: GuardedRule['op']; threshold: number; forMs: number };

/** In the order of time; why not, where a time cannot be read or two samples of one time differ. */
function readPoints(samples: readonly Sample[]): Point[] | string {
  const points = samples.map(({ at, value, series }): Point => ({
    at: millisecondsOf(at),
    value: numberOf(value),
    series: series ?? '',
  }));
  if (points.some(({ at }) => Number.isNaN(at))) return 'the time of a sample cannot be read';
  points.sort((a, b) => a.at - b.at);
  const twice = points.some(
    (point, index) =>
      point.at === points[index - 1]?.at && !Object.is(point.value, points[index - 1]?.value),
  );
  return twice ? 'two samples of one time differ' : points;
}

/** NaN for what is missing: `null`, `"NaN"`, or no number at all. Prometheus writes numbers as text. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.length > 64 || value.trim() === '') return NaN;
  if (/^[+-]?Inf(inity)?$/i.test(value)) return value.startsWith('-') ? -Infinity : Infinity;
  return Number(value);
}

/** A breach of `for` cannot hide in a gap that is shorter; two intervals are a gap however long `for` is. */
function allowedGap(points: readonly Point[], forMs: number): number {
  const spacings = points.slice(1).map(({ at }, index) => at - (points[index]?.at ?? at));
  spacings.sort((a, b) => a - b);
  const median = spacings[Math.floor(spacings.length / 2)] ?? 0;
  return Math.max(LEAST_GAP_MS, Math.min(forMs, 2 * median));
}

const beyond = (value: number, { op, threshold }: Level): boolean => {
  switch (op) {
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
  }
};

function breachIn(
  points: readonly Point[],
  level: Level,
  gap: number,
  before: Run | undefined,
): Extract<Finding, { kind: 'breach' }> | { kind: 'none'; run?: Run } {
  let run = before;
  for (const { at, value } of points) {
    if (run !== undefined && at <= run.last) continue;
    if (!Number.isFinite(value) || !beyond(value, level)) {
      run = undefined;
      continue;
    }
    const goesOn = run !== undefined && at - run.last <= gap;
    run = { since: goesOn && run !== undefined ? run.since : at, last: at };
    // `!(<)`: a hold time that cannot be read is over at once.
    if (!(at - run.since < level.forMs))
      return { kind: 'breach', at, value, limit: level.threshold, forMs: level.forMs };
  }
  return { kind: 'none', run };
}

function missingIn(points: readonly Point[], gap: number, to: number): Finding | undefined {
  const odd = points.find(({ value }) => !Number.isFinite(value));
  if (odd !== undefined)
    return noData(`the value at ${new Date(odd.at).toISOString()} is missing or no number`);
  const times = [...new Set(points.map(({ at }) => at))];
  if (times.length < LEAST_SAMPLES)
    return noData(`${times.length} of at least ${LEAST_SAMPLES} samples are there`);
  const hole = times.findIndex((at, index) => index > 0 && at - (times[index - 1] ?? at) > gap);
  if (hole > 0) {
    const missing = durationText((times[hole] ?? 0) - (times[hole - 1] ?? 0));
    return noData(`there is no sample for ${missing}; at most ${durationText(gap)} may be missing`);
  }
  const age = to - (times[times.length - 1] ?? to);
  if (age > Math.max(gap, LEAST_STALE_MS))
    return noData(`the newest sample is ${durationText(age)} old`);
  return undefined;
}

const spanOf = (points: readonly Point[]) => ({
  first: points[0]?.at ?? NaN,
  last: points[points.length - 1]?.at ?? NaN,
});

const noData = (reason: string): Finding => ({ kind: 'no_data', reason });
