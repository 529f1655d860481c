import type { Defect, Judgeability } from '../../domain/metrics';
import type { Backtest, History } from './backtest';
import { duplicatesIn, mixedUnitsIn, type SeriesValue } from './series-defects';
import type { GroupLevel } from '../knowledge/metric-groups';

/** What was found about a rule's data. */
export type RuleEvidence = {
  level: Pick<GroupLevel, 'form' | 'aggregate' | 'op' | 'unit'>;
  history: History;
  /** When the grid ended, Unix seconds. */
  until: number;
  /** Series of the metric that have a fresh sample now. */
  freshSeries: number;
  /** Those series; empty where there were too many to read. */
  readings?: readonly SeriesValue[];
  /** Fresh series of the metric that are not of this service. */
  elsewhere?: number;
  /** A metric that began where this one ended. */
  successor?: string;
  /** Most counter resets of one series in the last day. */
  resets?: number;
  /** When the longest history of the plan begins. */
  planStart?: number;
  /** Hosts of the service without a series, of so many. */
  missingHosts?: { missing: number; of: number };
  backtest: Backtest;
  /** No level inside the bounds lets calm releases pass. */
  advisory?: boolean;
  /** The series may be of other services too. */
  unscoped: boolean;
  /** The level lies where no value can be. */
  neverFires?: boolean;
  /** Prometheus refused the query: its own words. */
  refused?: string;
  /** Its warning that the answer is not whole. */
  partial?: string;
};

export type RuleVerdict = { judgeable: Judgeability; defect?: Defect; remedy?: string };

/** Two hours at a sample a minute. */
const MIN_SAMPLES = 120;
const MAX_NAN_SHARE = 0.1;
const MAX_GAP_SHARE = 0.2;
/** Of the plan's history, missing before the first sample. */
const MAX_LATE_SHARE = 0.2;
const MIN_PLAN_SECONDS = 6 * 3600;
/** A restart a day is a deployment; more is a process that does not stay up. */
const MAX_RESETS_A_DAY = 5;
/** Divisions: NaN says that there was nothing to divide by. */
const SHARES = new Set<GroupLevel['form']>(['quantile', 'mean', 'ratio', 'share', 'errors']);
/** Events that never happened are good news; a gauge that never moved may not be connected. */
const EVENTS = new Set<GroupLevel['form']>([
  'rate',
  'increase',
  'errors',
  'changes',
  'delta',
  'growth',
]);
const MANY_TO_MANY = /duplicate series|same labelset|many-to-many/i;

/** Whether a release can be judged by a rule, and what would mend it where it cannot. */
export function judge(evidence: RuleEvidence): RuleVerdict {
  return blind(evidence) ?? weak(evidence) ?? { judgeable: 'judgeable' };
}

const saying =
  (judgeable: Judgeability) =>
  (defect: Defect, remedy: string): RuleVerdict => ({ judgeable, defect, remedy });

function blind(evidence: RuleEvidence): RuleVerdict | undefined {
  const { history, freshSeries, refused, level } = evidence;
  const { samples } = history;
  const say = saying('blind');
  if (refused !== undefined) {
    const defect = MANY_TO_MANY.test(refused) ? 'duplicate_series' : 'refused';
    return say(defect, `Prometheus refused the query: ${refused}`);
  }
  if (freshSeries === 0) return gone(evidence);
  if (samples.length === 0) {
    return say('no_value', 'the series exist but the expression gives no value');
  }
  if (samples.every(({ value }) => !Number.isFinite(value))) {
    return SHARES.has(level.form)
      ? say('no_traffic', 'only NaN in the history: there was no traffic to judge by; send some')
      : say('nan', 'only NaN in the history: the exporter has no value; check what it measures');
  }
  return undefined;
}

/** Why there is no fresh sample. */
function gone({ history, elsewhere = 0, successor }: RuleEvidence): RuleVerdict {
  const say = saying('blind');
  if (successor !== undefined) {
    return say('renamed', `renamed? ${successor} began where it ended; name that one instead`);
  }
  if (history.samples.length > 0) {
    return say('stale', 'stale: no sample in the last 5 minutes; check the scrape');
  }
  if (elsewhere > 0) {
    return say(
      'wrong_label',
      `${elsewhere} series of it exist, none with the labels of this service: check its labels`,
    );
  }
  return say('absent', 'no series: check that the metric is exported and scraped, and its labels');
}

function weak(evidence: RuleEvidence): RuleVerdict | undefined {
  return fewData(evidence) ?? oddData(evidence) ?? oddRule(evidence);
}

function fewData(evidence: RuleEvidence): RuleVerdict | undefined {
  const { history, level, until, planStart } = evidence;
  const say = saying('weak');
  const finite = history.samples.filter(({ value }) => Number.isFinite(value)).length;
  const nanShare = 1 - finite / history.samples.length;
  if (finite < MIN_SAMPLES) {
    return say('few_samples', `only ${finite} samples of history: wait, or watch by hand`);
  }
  if (nanShare > MAX_NAN_SHARE) {
    const remedy = `${percent(nanShare)} of the history is NaN`;
    return SHARES.has(level.form)
      ? say('no_traffic', `${remedy}: too little traffic at times`)
      : say('nan', `${remedy}: the exporter has no value at times`);
  }
  const first = history.samples[0]?.at ?? until;
  const late = planStart === undefined ? 0 : (first - planStart) / (until - planStart);
  if (late > MAX_LATE_SHARE && until - (planStart ?? until) > MIN_PLAN_SECONDS) {
    return say('late_series', `its history begins at ${isoOf(first)}, later than the others'`);
  }
  if (gapShare(evidence) > MAX_GAP_SHARE) {
    return say(
      'gaps',
      `${percent(gapShare(evidence))} of the history is missing: check the scrape`,
    );
  }
  return undefined;
}

function oddData(evidence: RuleEvidence): RuleVerdict | undefined {
  const { history, level, resets = 0, readings = [], missingHosts } = evidence;
  const say = saying('weak');
  const finite = history.samples.filter(({ value }) => Number.isFinite(value));
  if (level.form === 'rate' && level.op === '<' && isMostlyZero(finite)) {
    return say(
      'no_traffic',
      'nothing is counted most of the time: send traffic during the release',
    );
  }
  if (finite.every(({ value }) => value === 0) && !EVENTS.has(level.form)) {
    return say('flat_zero', 'always 0: check that it is really measured');
  }
  if (resets > MAX_RESETS_A_DAY) {
    return say('resets', `a counter began anew ${resets} times in a day: the process restarts`);
  }
  const duplicates = duplicatesIn(readings, level);
  if (duplicates !== undefined) {
    return say('duplicate_series', `counted twice: ${duplicates}; scrape it once or deduplicate`);
  }
  const mixed = mixedUnitsIn(readings, finite, level);
  if (mixed !== undefined) return say('mixed_units', mixed);
  if (missingHosts !== undefined && missingHosts.missing > 0) {
    const { missing, of } = missingHosts;
    return say('hosts_missing', `${missing} of ${of} hosts have no series: check their scrape`);
  }
  return undefined;
}

function oddRule({ backtest, ...evidence }: RuleEvidence): RuleVerdict | undefined {
  const say = saying('weak');
  if (backtest.fired > 0 || evidence.advisory) {
    const { fired, windows } = backtest;
    const remedy = `would have fired in ${fired} of ${windows} past windows`;
    return say('fires_when_calm', `${remedy}; watch it, but do not stop by it alone`);
  }
  if (evidence.neverFires) {
    return say('never_fires', 'the level is 0: it never fires; traffic is 0 at times');
  }
  if (evidence.partial !== undefined)
    return say('partial', `Prometheus warned: ${evidence.partial}`);
  if (evidence.unscoped) {
    return say('unscoped', 'no label or prefix ties the series to this service');
  }
  return undefined;
}

const isMostlyZero = (samples: History['samples']): boolean =>
  samples.filter(({ value }) => value === 0).length > samples.length / 2;

/** Counted from the first sample: a service may be younger than the window. */
function gapShare({ history, until }: RuleEvidence): number {
  const first = history.samples[0];
  if (!first) return 1;
  const expected = Math.floor((until - first.at) / history.stepSeconds) + 1;
  return 1 - history.samples.length / expected;
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;
const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
