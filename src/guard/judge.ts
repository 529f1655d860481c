import type { Sample } from './action';
import type { Finding, Run } from './finding';
import type { GuardedRule } from './issue-view';
import type { Limit } from './state';
import { durationOf, durationText, millisecondsOf } from './time';

/** A rule is sampled at least every 15 s; two missing samples are a gap. */
const LEAST_GAP_MS = 30_000;
/** Prometheus scrapes at most every minute in most installations: an older sample is stale. */
const LEAST_STALE_MS = 60_000;
/** One sample, or two, can be chance. */
const LEAST_SAMPLES = 3;
/** The clocks of Prometheus and of the caller may differ. */
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

/** Judges samples: a breach of at least `for` anywhere wins over what is missing, and both over ok. */
export function judgeSamples({ rule, limit, samples, from, to, now, before }: Judged): Finding {
  const { points: all, median, wrong } = readSeries(samples);
  if (wrong) return noData(wrong);
  const points = all.filter(({ at }) => at - rule.lookBackMs >= from);
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last)
    return noData(
      all.length === 0
        ? 'there are no samples'
        : `no sample and its ${durationText(rule.lookBackMs)} of look-back lie wholly after the deploy or repair`,
    );
  if (last.at > now + CLOCK_SKEW_MS) return noData('a sample is of the future');
  if (points.some(({ series }) => series !== first.series))
    return noData('the samples are of several series');
  const limitValue = limit?.threshold ?? rule.threshold;
  const forMs = limit?.for === undefined ? rule.forMs : durationOf(limit.for);
  // A breach of `for` cannot hide in a gap that is shorter; two intervals are a gap however long `for` is.
  const gap = Math.max(LEAST_GAP_MS, Math.min(forMs, 2 * median));
  let run = before;
  let missing: string | undefined;
  let previous = first.at;
  for (const { at, value } of points) {
    if (at - previous > gap) missing ??= `there is no sample for ${durationText(at - previous)}`;
    if (!Number.isFinite(value)) missing ??= `a value is missing or no number`;
    previous = at;
    if (run && at <= run.last) continue;
    if (!Number.isFinite(value) || !isBeyond(value, rule.op, limitValue)) {
      run = undefined;
      continue;
    }
    run = { since: run && at - run.last <= gap ? run.since : at, last: at };
    // `!(<)`: a hold time that cannot be read is over at once.
    if (!(at - run.since < forMs)) return { kind: 'breach', at, value, limit: limitValue, forMs };
  }
  if (points.length < LEAST_SAMPLES)
    missing ??= `${points.length} of at least ${LEAST_SAMPLES} samples are there`;
  if (to - last.at > Math.max(gap, LEAST_STALE_MS))
    missing ??= `the newest sample is ${durationText(to - last.at)} old`;
  return missing ? noData(missing) : { kind: 'ok', first: first.at, last: last.at, run };
}

type Point = { at: number; value: number; series: string };

/** Samples in the order of time, and the median of their distances; `wrong` says why they cannot be read. */
type Series = { points: readonly Point[]; median: number; wrong?: string };
/** The samples of an event are read once, though each check judges all events of the batch anew. */
const readBefore = new WeakMap<readonly Sample[], Series>();

function readSeries(samples: readonly Sample[]): Series {
  const known = readBefore.get(samples);
  if (known) return known;
  const points = samples.map(({ at, value, series = '' }): Point => ({
    at: millisecondsOf(at),
    value: numberOf(value),
    series,
  }));
  points.sort((a, b) => a.at - b.at);
  let wrong = points.some(({ at }) => Number.isNaN(at))
    ? 'the time of a sample cannot be read'
    : undefined;
  const once = points.filter(({ at, value, series }, index) => {
    const previous = points[index - 1];
    if (at !== previous?.at) return true;
    if (value !== previous.value || series !== previous.series)
      wrong ??= 'two samples of one time differ';
    return false;
  });
  const spacings = once.slice(1).map(({ at }, index) => at - (once[index]?.at ?? at));
  spacings.sort((a, b) => a - b);
  const series = { points: once, median: spacings[spacings.length >> 1] ?? 0, wrong };
  readBefore.set(samples, series);
  return series;
}

/** NaN for what is missing or infinite: `null`, `"NaN"`, `"+Inf"`. Prometheus writes numbers as text. */
const numberOf = (value: unknown): number =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')
    ? Number(value)
    : NaN;

function isBeyond(value: number, op: GuardedRule['op'], limit: number): boolean {
  if (op === '>') return value > limit;
  if (op === '>=') return value >= limit;
  return op === '<' ? value < limit : value <= limit;
}

const noData = (reason: string): Finding => ({ kind: 'no_data', reason });
