import { secondsOf, type History, type Interval } from './backtest';
import { joined, shared } from './anomalies';
import { falseStops, gapsOf, MAX_FALSE_STOPS, rateOf, type FalseStops } from './false-stop-rate';
import type { GroupLevel } from '../knowledge/metric-groups';
import type { Hours } from './seasonality';
import { firesUnseen, MARGIN, thresholdOf, type Threshold } from './threshold';
import { prepare, type Judged, type Prepared } from './baseline';

/** A rule whose level is to be set, with how its expression ran. */
export type Unlevelled = { level: GroupLevel; history: History };
export type LevelledRule = {
  threshold: Threshold;
  prepared: Prepared;
  /** It would stop calm releases whatever its level inside the bounds: to be watched, not to be stopped by. */
  advisory: boolean;
};
export type LevelledPlan = {
  /** In the order of the rules; undefined where neither history nor knowledge gives a level. */
  rules: (LevelledRule | undefined)[];
  falseStops: FalseStops;
  notCalm: Interval[];
};

/** When the release is expected to run, Unix seconds; levels are set for an hour more on both sides. */
export type Release = { start: number; seconds: number };
const PAD_SECONDS = 3600;
const ROUNDS = 5;
const LOOSEN = 1.4;
/** Several metrics at once: an outage. */
const OUTAGE_METRICS = 2;
/** Of history; where more is called an accident, little is left to try a plan on. */
const MAX_NOT_CALM = 0.1;

export const hoursOf = ({ start, seconds }: Release): Hours => ({
  from: start - PAD_SECONDS,
  to: start + seconds + PAD_SECONDS,
});

type Open = Unlevelled & { prepared: Prepared; margin: number };
type Set = Open & { threshold: Threshold; fires: Interval[]; advisory: boolean };

/**
 * Levels for all rules of a plan together. Each is set from calm history; then the plan is tried on history that
 * its levels were not set from, and the rules that stop more than one calm release in 20 are loosened, or, where
 * their bounds forbid it, kept as advice.
 */
export function levelPlan(rules: readonly Unlevelled[], release: Release): LevelledPlan {
  const prepared = prepareAll(rules, release);
  const notCalm = joined([
    ...prepared.flatMap(({ anomalies }) => anomalies),
    ...gapsOf(rules.map(({ history }) => history)),
  ]);
  const span = spanOf(rules);
  const stopsOf = (sets: readonly (Set | undefined)[]) =>
    falseStops(
      span,
      notCalm,
      sets.map((one) => (one?.advisory ? [] : (one?.fires ?? []))),
      release.seconds,
    );
  let sets = rules.map((rule, index) =>
    setLevel({ ...rule, prepared: prepared[index] as Prepared, margin: MARGIN }),
  );
  for (let round = 0; round < ROUNDS && rateOf(stopsOf(sets)) > MAX_FALSE_STOPS; round += 1) {
    sets = sets.map((one) =>
      one && one.fires.length > 0 ? setLevel({ ...one, margin: one.margin * LOOSEN }) : one,
    );
  }
  while (rateOf(stopsOf(sets)) > MAX_FALSE_STOPS) sets = withoutLoudest(sets);
  return { rules: sets, falseStops: stopsOf(sets), notCalm };
}

/** Twice: what happened to several metrics at once is known only when each has been looked at. */
function prepareAll(rules: readonly Unlevelled[], release: Release): Prepared[] {
  const judged = rules.map(({ level }) => ({
    op: level.op,
    forSeconds: secondsOf(level.for),
    hours: hoursOf(release),
  }));
  const first = rules.map(({ history }, i) => prepare(history, judged[i] as Judged));
  const { outages, usual } = sorted(
    first.map(({ anomalies }) => anomalies),
    spanOf(rules),
  );
  if (outages.length === 0 && usual.size === 0) return first;
  return rules.map(({ history }, i) => {
    const { season } = first[i] as Prepared;
    const one = { ...(judged[i] as Judged), season, ...(usual.has(i) && { nothingIsOdd: true }) };
    return prepare(history, one, outages);
  });
}

/** What happened to several metrics is an outage; what happens to one metric too often is how it runs. */
function sorted(anomalies: readonly Interval[][], span: Interval) {
  const outages = shared(anomalies, OUTAGE_METRICS);
  const usual = new Set<number>();
  const byLength = anomalies
    .map((list, index) => ({ index, length: lengthOf(list) }))
    .sort((a, b) => b.length - a.length);
  for (const { index } of byLength) {
    const left = anomalies.filter((_, other) => !usual.has(other)).flat();
    if (lengthOf(joined([...left, ...outages])) <= MAX_NOT_CALM * (span.to - span.from)) break;
    usual.add(index);
  }
  return { outages, usual };
}

const lengthOf = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, { from, to }) => sum + to - from, 0);

function setLevel(open: Open): Set | undefined {
  const { prepared, level, margin } = open;
  const threshold = thresholdOf(prepared, level, margin);
  if (threshold === undefined) return undefined;
  const fires = firesUnseen(prepared, level, threshold.for, margin);
  return { ...open, threshold, fires, advisory: false };
}

function withoutLoudest(sets: readonly (Set | undefined)[]): (Set | undefined)[] {
  const loudness = (one: Set | undefined) => (one && !one.advisory ? one.fires.length : 0);
  const most = Math.max(...sets.map(loudness));
  const loudest = sets.findIndex((one) => loudness(one) === most);
  return sets.map((one, index) => (one && index === loudest ? { ...one, advisory: true } : one));
}

function spanOf(rules: readonly Unlevelled[]): Interval {
  const starts = rules.flatMap(({ history }) => history.samples[0]?.at ?? []);
  const ends = rules.flatMap(({ history }) => history.samples.at(-1)?.at ?? []);
  return starts.length === 0
    ? { from: 0, to: 0 }
    : { from: Math.min(...starts), to: Math.max(...ends) };
}
