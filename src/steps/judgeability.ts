import type { Judgeability } from '../domain/metrics';
import type { Backtest, History } from './backtest';

/** What was found about a rule's data. */
export type Evidence = {
  history: History;
  /** When the grid ended, Unix seconds. */
  until: number;
  /** Series of the metric that have a fresh sample now. */
  freshSeries: number;
  backtest: Backtest;
  /** The series may be of other services too. */
  unscoped: boolean;
  /** The level lies where no value can be. */
  neverFires?: boolean;
  /** Prometheus refused the query: its own words. */
  refused?: string;
  /** Its warning that the answer is not whole. */
  partial?: string;
};

export type Verdict = { judgeable: Judgeability; remedy?: string };

/** Two hours at a sample a minute. */
const MIN_SAMPLES = 120;
const MAX_NAN_SHARE = 0.1;
const MAX_GAP_SHARE = 0.2;

/** Whether a release can be judged by a rule, and what would mend it where it cannot. */
export function judge(evidence: Evidence): Verdict {
  return blind(evidence) ?? weak(evidence) ?? { judgeable: 'judgeable' };
}

function blind({ history, freshSeries, refused }: Evidence): Verdict | undefined {
  const { samples } = history;
  const say = (remedy: string): Verdict => ({ judgeable: 'blind', remedy });
  if (refused !== undefined) return say(`Prometheus refused the query: ${refused}`);
  if (samples.length === 0 && freshSeries === 0) {
    return say('no series: check that the metric is exported and scraped, and its labels');
  }
  if (freshSeries === 0) return say('stale: no sample in the last 5 minutes; check the scrape');
  if (samples.length === 0) return say('the series exist but the expression gives no value');
  if (samples.every(({ value }) => !Number.isFinite(value))) {
    return say('only NaN in the history: there was no traffic to judge by');
  }
  return undefined;
}

function weak(evidence: Evidence): Verdict | undefined {
  const { history, backtest } = evidence;
  const finite = history.samples.filter(({ value }) => Number.isFinite(value)).length;
  const nanShare = 1 - finite / history.samples.length;
  const say = (remedy: string): Verdict => ({ judgeable: 'weak', remedy });
  if (finite < MIN_SAMPLES) return say(`only ${finite} samples of history: wait, or watch by hand`);
  if (nanShare > MAX_NAN_SHARE) {
    return say(`${percent(nanShare)} of the history is NaN: too little traffic at times`);
  }
  if (gapShare(evidence) > MAX_GAP_SHARE) {
    return say(`${percent(gapShare(evidence))} of the history is missing: check the scrape`);
  }
  if (backtest.fired > 0) {
    return say(`would have fired in ${backtest.fired} of ${backtest.windows} past windows`);
  }
  if (evidence.neverFires) return say('the level is 0: it never fires; traffic is 0 at times');
  if (evidence.partial !== undefined) return say(`Prometheus warned: ${evidence.partial}`);
  if (evidence.unscoped) return say('no label or prefix ties the series to this service');
  return undefined;
}

/** Counted from the first sample: a service may be younger than the window. */
function gapShare({ history, until }: Evidence): number {
  const first = history.samples[0];
  if (!first) return 1;
  const expected = Math.floor((until - first.at) / history.stepSeconds) + 1;
  return 1 - history.samples.length / expected;
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;
