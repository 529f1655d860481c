import type { Defect, Judgeability } from '../../domain/metrics';
import type { Backtest, History } from './backtest';
import { duplicatesIn, mixedUnitsIn, type SeriesValue } from './series-defects';
import type { GroupLevel } from '../knowledge/metric-groups';
import { formatDuration } from '../text/format-duration';

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
  /** Seconds by which the time of the preparation is later than that of Prometheus. */
  clockAhead?: number;
  /** Most counter resets of one series in the last day. */
  resets?: number;
  /** When the longest history of the plan begins. */
  planStart?: number;
  /** Hosts of the service without a series, of so many. */
  missingHosts?: { missing: number; of: number };
  backtest: Backtest;
  /** The level is a first guess from less history than a level needs. */
  provisional?: boolean;
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

export type RuleVerdict = {
  judgeable: Judgeability;
  defect?: Defect;
  remedy?: string;
  /** How much more history is needed, as `13920s`, where only that is missing. */
  judgeable_after?: string;
};

/** Two hours at a sample a minute. */
const MIN_SAMPLES = 120;
const MAX_NAN_SHARE = 0.1;
const MAX_GAP_SHARE = 0.2;
/** Largest share of the plan's history that may be missing before the first sample. */
const MAX_LATE_SHARE = 0.2;
const MIN_PLAN_SECONDS = 6 * 3600;
/** Deployments restart a process about once a day. More resets mean that it does not stay up. */
const MAX_RESETS_A_DAY = 5;
/** Forms that divide: NaN means that there was nothing to divide by. */
const SHARES = new Set<GroupLevel['form']>(['quantile', 'mean', 'ratio', 'share', 'errors']);
/** Counts of events, which may well be 0 for ever. Another metric that is always 0 may not be measured at all. */
const EVENTS = new Set<GroupLevel['form']>([
  'rate',
  'increase',
  'errors',
  'changes',
  'delta',
  'growth',
]);
const MANY_TO_MANY = /duplicate series|same labelset|many-to-many/i;

/** Whether a rule can judge a release, and how to fix it where it cannot. */
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
    return say(
      'no_value',
      'its series exist, but the expression has no value. Check the labels of the series',
    );
  }
  if (samples.every(({ value }) => !Number.isFinite(value))) {
    return SHARES.has(level.form)
      ? say('no_traffic', 'its whole history is NaN, because there was no traffic. Send traffic')
      : say('nan', 'its whole history is NaN. Check what the exporter measures');
  }
  return undefined;
}

/** Why the metric has no fresh sample. */
function gone({ history, elsewhere = 0, successor, clockAhead }: RuleEvidence): RuleVerdict {
  const say = saying('blind');
  if (clockAhead !== undefined) {
    const much = formatDuration(clockAhead);
    return say(
      'stale',
      `the clock of Prometheus is ${much} behind that of Temporal, so that nothing is known of the last ${much}. Correct the clocks`,
    );
  }
  if (successor !== undefined) {
    return say(
      'renamed',
      `it ended when ${successor} began. If it was renamed, use the new name in the profile and the dashboards`,
    );
  }
  if (history.samples.length > 0) {
    return say(
      'stale',
      'stale, with no sample in the last 5 min. Check that Prometheus scrapes its target',
    );
  }
  if (elsewhere > 0) {
    return say(
      'wrong_label',
      `${elsewhere} series of it exist, but none has the label of this service. Check the labels of the series`,
    );
  }
  return say('absent', 'no series. Check that the metric is exported, scraped and labelled');
}

function weak(evidence: RuleEvidence): RuleVerdict | undefined {
  return fewData(evidence) ?? oddData(evidence) ?? oddRule(evidence);
}

function fewData(evidence: RuleEvidence): RuleVerdict | undefined {
  const { history, level, until, planStart } = evidence;
  const say = saying('weak');
  const finite = history.samples.filter(({ value }) => Number.isFinite(value)).length;
  const nanShare = 1 - finite / history.samples.length;
  if (finite < MIN_SAMPLES) return tooShort(evidence, finite);
  if (nanShare > MAX_NAN_SHARE) {
    const remedy = `${percent(nanShare)} of its history is NaN`;
    return SHARES.has(level.form)
      ? say('no_traffic', `${remedy}, because there is no traffic at times`)
      : say('nan', `${remedy}. Check what the exporter measures`);
  }
  const first = history.samples[0]?.at ?? until;
  const late = planStart === undefined ? 0 : (first - planStart) / (until - planStart);
  if (late > MAX_LATE_SHARE && until - (planStart ?? until) > MIN_PLAN_SECONDS) {
    return say(
      'late_series',
      `its history begins at ${isoOf(first)}, later than that of the other rules`,
    );
  }
  if (gapShare(evidence) > MAX_GAP_SHARE) {
    return say(
      'gaps',
      `${percent(gapShare(evidence))} of its history is missing. Check that Prometheus scrapes its target`,
    );
  }
  return undefined;
}

/** The missing samples take one step of the grid each, as long as the metric keeps reporting. */
function tooShort({ history, provisional }: RuleEvidence, finite: number): RuleVerdict {
  const seconds = (MIN_SAMPLES - finite) * history.stepSeconds;
  const early = provisional ? '. Until then the level is a tenth of the values seen so far' : '';
  return {
    judgeable: 'weak',
    defect: 'few_samples',
    remedy: `${finite} of ${MIN_SAMPLES} samples: about ${formatDuration(seconds)} more history until this rule can judge${early}`,
    judgeable_after: `${seconds}s`,
  };
}

function oddData(evidence: RuleEvidence): RuleVerdict | undefined {
  const { history, level, resets = 0, readings = [], missingHosts } = evidence;
  const say = saying('weak');
  const finite = history.samples.filter(({ value }) => Number.isFinite(value));
  if (level.form === 'rate' && level.op === '<' && isMostlyZero(finite)) {
    return say('no_traffic', 'it counts nothing most of the time. Send traffic during the release');
  }
  if (finite.every(({ value }) => value === 0) && !EVENTS.has(level.form)) {
    return say('flat_zero', 'it is always 0. Check that the application really measures it');
  }
  if (resets > MAX_RESETS_A_DAY) {
    return say(
      'resets',
      `its counter was reset ${resets} times in a day. Check why the process restarts`,
    );
  }
  const duplicates = duplicatesIn(readings, level);
  if (duplicates !== undefined) {
    return say(
      'duplicate_series',
      `${duplicates} is counted twice. Scrape it once, or deduplicate it`,
    );
  }
  const mixed = mixedUnitsIn(readings, finite, level);
  if (mixed !== undefined) return say('mixed_units', mixed);
  if (missingHosts !== undefined && missingHosts.missing > 0) {
    const { missing, of } = missingHosts;
    return say(
      'hosts_missing',
      `${missing} of ${of} hosts ${missing === 1 ? 'has' : 'have'} no series. Check that Prometheus scrapes ${missing === 1 ? 'it' : 'them'}`,
    );
  }
  return undefined;
}

function oddRule({ backtest, ...evidence }: RuleEvidence): RuleVerdict | undefined {
  const say = saying('weak');
  if (backtest.fired > 0 || evidence.advisory) {
    const { fired, windows } = backtest;
    const remedy = `it would have fired in ${fired} of ${windows} calm windows of the past`;
    return say('fires_when_calm', `${remedy}. Watch it, but do not stop a release by it alone`);
  }
  if (evidence.neverFires) {
    return say('never_fires', 'its level is 0, so it never fires. Its value is 0 at times');
  }
  if (evidence.partial !== undefined)
    return say('partial', `the answer of Prometheus is incomplete: ${evidence.partial}`);
  if (evidence.unscoped) {
    return say('unscoped', 'no label and no name prefix shows that its series are of this service');
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
