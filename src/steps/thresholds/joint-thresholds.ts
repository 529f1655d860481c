import { parseSeconds } from '../text/parse-seconds';
import type { History, Period } from './backtest';
import { joined, shared } from './anomalies';
import { falseStops, gapsOf, MAX_FALSE_STOPS, rateOf, type FalseStops } from './false-stop-rate';
import type { GroupLevel } from '../knowledge/metric-groups';
import type { Hours } from './seasonality';
import { firesUnseen, MARGIN, thresholdOf, type Threshold } from './threshold';
import { prepare, type Judged, type Prepared } from './baseline';

/** A rule without a level, with the history of its expression. */
export type Unlevelled = { level: GroupLevel; history: History };
export type LevelledRule = {
  threshold: Threshold;
  prepared: Prepared;
  /** At every level inside its bounds the rule would stop calm releases: watch it, do not stop a release by it. */
  advisory: boolean;
};
export type LevelledPlan = {
  /** In the order of the rules; undefined where neither history nor the knowledge base gives a level. */
  rules: (LevelledRule | undefined)[];
  falseStops: FalseStops;
  notCalm: Period[];
};

/** When the release is expected to run (Unix seconds). Levels are set for one hour more on both sides. */
export type Release = { start: number; seconds: number };
const PAD_SECONDS = 3600;
const ROUNDS = 5;
const LOOSEN = 1.4;
/** An anomaly of at least two metrics at the same time is an outage. */
const OUTAGE_METRICS = 2;
/** Largest share of history that may count as anomalous; beyond it, too little is left to test a plan. */
const MAX_NOT_CALM = 0.1;

export const hoursOf = ({ start, seconds }: Release): Hours => ({
  from: start - PAD_SECONDS,
  to: start + seconds + PAD_SECONDS,
});

type UnratedRule = Unlevelled & { prepared: Prepared; margin: number };
type RatedRule = UnratedRule & { threshold: Threshold; fires: Period[]; advisory: boolean };
type Rated = readonly (RatedRule | undefined)[];
type CountStops = (rated: Rated) => FalseStops;

/**
 * Sets the levels of all rules of a plan together. Each level comes from calm history. The plan is then tried on
 * history that its levels were not set from. While it would stop more than one calm release in 20, first the levels
 * are loosened inside their bounds, then the noisiest rules become advisory.
 */
export function levelPlan(rules: readonly Unlevelled[], release: Release): LevelledPlan {
  const prepared = prepareAll(rules, release);
  const notCalm = joined([
    ...prepared.flatMap(({ anomalies }) => anomalies),
    ...gapsOf(rules.map(({ history }) => history)),
  ]);
  const period = periodOf(rules);
  const stopsOf: CountStops = (rated) =>
    falseStops(period, notCalm, rated.map(enforcedFirings), release.seconds);
  const first = rules.map((rule, index) =>
    rate({ ...rule, prepared: prepared[index] as Prepared, margin: MARGIN }),
  );
  const rated = demoteUntilCalm(loosenUntilCalm(first, stopsOf), stopsOf);
  return { rules: [...rated], falseStops: stopsOf(rated), notCalm };
}

/** An advisory rule stops nothing. */
const enforcedFirings = (rule: RatedRule | undefined): readonly Period[] =>
  rule === undefined || rule.advisory ? [] : rule.fires;

const isTooNoisy = (stops: FalseStops): boolean => rateOf(stops) > MAX_FALSE_STOPS;

/** Widens the margin of every rule that fired, for a few rounds or until the plan is calm. */
function loosenUntilCalm(rated: Rated, stopsOf: CountStops): Rated {
  let current = rated;
  for (let round = 0; round < ROUNDS && isTooNoisy(stopsOf(current)); round += 1) {
    current = current.map((rule) =>
      rule && rule.fires.length > 0 ? rate({ ...rule, margin: rule.margin * LOOSEN }) : rule,
    );
  }
  return current;
}

/** Makes one rule after the other advisory. This ends: with all rules advisory the plan stops nothing. */
function demoteUntilCalm(rated: Rated, stopsOf: CountStops): Rated {
  let current = rated;
  while (isTooNoisy(stopsOf(current))) current = demoteNoisiest(current);
  return current;
}

function demoteNoisiest(rated: Rated): Rated {
  const noise = rated.map((rule) => enforcedFirings(rule).length);
  const noisiest = noise.indexOf(Math.max(...noise));
  return rated.map((rule, index) =>
    rule && index === noisiest ? { ...rule, advisory: true } : rule,
  );
}

/** Prepares every rule twice: which anomalies several metrics share is known only after the first time. */
function prepareAll(rules: readonly Unlevelled[], release: Release): Prepared[] {
  const judged = rules.map(({ level }) => ({
    op: level.op,
    forSeconds: parseSeconds(level.for),
    hours: hoursOf(release),
  }));
  const first = rules.map(({ history }, i) => prepare(history, judged[i] as Judged));
  const { outages, usual } = classified(
    first.map(({ anomalies }) => anomalies),
    periodOf(rules),
  );
  if (outages.length === 0 && usual.size === 0) return first;
  return rules.map(({ history }, i) => {
    const { season } = first[i] as Prepared;
    const one = {
      ...(judged[i] as Judged),
      season,
      ...(usual.has(i) && { ignoreAnomalies: true }),
    };
    return prepare(history, one, outages);
  });
}

/** Anomalies that several metrics share are outages. The other anomalies of a metric that has too many are normal. */
function classified(anomalies: readonly Period[][], span: Period) {
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

const lengthOf = (intervals: readonly Period[]): number =>
  intervals.reduce((sum, { from, to }) => sum + to - from, 0);

function rate(rule: UnratedRule): RatedRule | undefined {
  const { prepared, level, margin } = rule;
  const threshold = thresholdOf(prepared, level, margin);
  if (threshold === undefined) return undefined;
  const fires = firesUnseen(prepared, level, threshold.for, margin);
  return { ...rule, threshold, fires, advisory: false };
}

function periodOf(rules: readonly Unlevelled[]): Period {
  const starts = rules.flatMap(({ history }) => history.samples[0]?.at ?? []);
  const ends = rules.flatMap(({ history }) => history.samples.at(-1)?.at ?? []);
  return starts.length === 0
    ? { from: 0, to: 0 }
    : { from: Math.min(...starts), to: Math.max(...ends) };
}
