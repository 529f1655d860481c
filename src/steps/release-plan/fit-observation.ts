import type { Rule, WatchedGroup } from '../../domain/metrics';
import type { Batch, BatchJudgement } from '../../domain/release-plan';
import type { RolloutDocument } from '../../domain/knowledge/rollout-document';
import type { Severity } from '../../domain/risk';
import {
  requestsToTell,
  requestsWithin,
  secondsUntil,
  type WeeklyTraffic,
} from './observation-window';
import { formatDuration } from '../text/format-duration';
import { parseSeconds } from '../text/parse-seconds';

export type ObservationFacts = {
  groups: readonly WatchedGroup[];
  /** Null when the requests of the service by hour are not known: no metric counts them, or for less than a day. */
  traffic: WeeklyTraffic | null;
  /** Healthy hosts that share the traffic, hosts outside the release included. */
  servingHosts: number;
  /** When the first batch may begin, Unix seconds. */
  startsAt: number;
  worstSeverity: Severity | undefined;
  policy: Pick<RolloutDocument, 'max_observation' | 'observation_factor'>;
};

/** A rule sees a fault at the earliest after one scrape, which can be a minute apart. */
const SCRAPE_DELAY_SECONDS = 60;
/** A latency threshold at quantile q is passed by 1 − q of the requests; harm is three times as many. */
const SLOW_FACTOR = 3;
const QUANTILE = /histogram_quantile\(\s*(0?\.\d+)/;

/** A threshold to distinguish from its baseline: the metric, and the requests that this takes. */
type ThresholdTest = { candidate: string; requests: number };

/**
 * How long each batch is observed: at least the policy's time (times its factor for the worst risk), at least until
 * the slowest gating rule can have fired, at least until the batch got enough requests to distinguish its error and
 * latency thresholds from the baseline, at most the policy's cap. Batches follow each other, so the traffic of each is
 * that of its own time of the week. A longer time is explained in the batch's reason.
 */
export function fitObservation(batches: readonly Batch[], facts: ObservationFacts): Batch[] {
  const rules = facts.groups.flatMap((group) => group.rules.map((rule) => ({ group, rule })));
  const tests = rules.flatMap(({ group, rule }) => testOf(group.name, rule) ?? []);
  const hardest = [...tests].sort((a, b) => b.requests - a.requests)[0];
  const gate = slowestGate(rules.map(({ rule }) => rule));
  const counts = countVerdicts(rules.map(({ rule }) => rule));
  let startsAt = facts.startsAt;
  return batches.map((batch) => {
    const fitted = fit(batch, { facts, hardest, gate, counts, startsAt });
    startsAt += parseSeconds(fitted.observation_time);
    return fitted;
  });
}

type Fitting = {
  facts: ObservationFacts;
  hardest: ThresholdTest | undefined;
  gate: Gate | undefined;
  counts: BatchJudgement['rules'];
  startsAt: number;
};

function fit(batch: Batch, { facts, hardest, gate, counts, startsAt }: Fitting): Batch {
  const { traffic, servingHosts, policy, worstSeverity } = facts;
  const cap = parseSeconds(policy.max_observation);
  const own = parseSeconds(batch.observation_time);
  const factor = worstSeverity === undefined ? 1 : (policy.observation_factor[worstSeverity] ?? 1);
  const share = batch.hosts.length / Math.max(servingHosts, batch.hosts.length);
  const needed =
    hardest === undefined || traffic === null
      ? 0
      : secondsUntil(hardest.requests, traffic, share, startsAt, cap + 1);
  const lengths: [BatchJudgement['limited_by'], number][] = [
    ['policy', own],
    ['severity', Math.ceil(own * factor)],
    ['rule', gate?.seconds ?? 0],
    ['traffic', needed],
  ];
  const [by, longest] = lengths.reduce((most, next) => (next[1] > most[1] ? next : most));
  const seconds = Math.min(longest, Math.max(cap, own));
  const expected = traffic && Math.floor(requestsWithin(traffic, share, startsAt, seconds));
  const before = traffic && Math.floor(requestsWithin(traffic, share, startsAt, own));
  const limit = longest > seconds ? 'cap' : by;
  return {
    ...batch,
    observation_time: `${seconds}s`,
    reason: `${batch.reason}${longerText({ own, seconds, by, worstSeverity, gate, hardest, isCapped: limit === 'cap' })}`,
    judgement: {
      ...verdictOf({ hardest, needed, expected, before, own, seconds, cap }),
      requests_needed:
        hardest === undefined || hardest.requests === Infinity ? null : hardest.requests,
      requests_expected: expected,
      limited_by: limit,
      rules: counts,
    },
  };
}

function verdictOf(found: {
  hardest: ThresholdTest | undefined;
  needed: number;
  expected: number | null;
  before: number | null;
  own: number;
  seconds: number;
  cap: number;
}): Pick<BatchJudgement, 'by' | 'reason'> {
  const { hardest, needed, expected, before, own, seconds, cap } = found;
  if (hardest === undefined) {
    return { by: 'weak', reason: 'no error or latency rule has the data to judge the batch' };
  }
  const time = formatDuration(seconds);
  if (expected === null) {
    const reason = `the expected requests of the batch are not known, so it is not known whether ${time} is long enough`;
    return { by: 'weak', reason };
  }
  if (hardest.requests === Infinity) {
    const reason = `cannot be judged by metrics: the threshold of ${hardest.candidate} is too close to its baseline`;
    return { by: 'blind', reason };
  }
  const need = `${requests(hardest.requests)} are needed to distinguish the threshold of ${hardest.candidate} from its baseline`;
  if (needed > cap) {
    const reason = `cannot be judged by metrics: ${need}, about ${expected} expected in ${time}; the policy allows at most ${formatDuration(cap)}`;
    return { by: 'blind', reason };
  }
  if (needed > own) {
    const reason = `${need}, about ${before ?? 0} expected in ${formatDuration(own)}, so the batch is observed for ${time}`;
    return { by: 'metrics', reason };
  }
  return { by: 'metrics', reason: `${need}, about ${expected} expected` };
}

const requests = (count: number): string => `${count} ${count === 1 ? 'request' : 'requests'}`;

/** Why a batch is observed longer than the policy's own time; empty where it is not. */
function longerText(found: {
  own: number;
  seconds: number;
  by: BatchJudgement['limited_by'];
  worstSeverity: Severity | undefined;
  gate: Gate | undefined;
  hardest: ThresholdTest | undefined;
  isCapped: boolean;
}): string {
  const { own, seconds, by, worstSeverity, gate, hardest, isCapped } = found;
  if (seconds <= own) return '';
  const causes: Partial<Record<BatchJudgement['limited_by'], string>> = {
    severity: `the worst risk is ${worstSeverity ?? 'not known'}`,
    rule: `the rule on ${gate?.candidate ?? ''} needs ${formatDuration(gate?.seconds ?? 0)} to fire`,
    traffic: `the threshold of ${hardest?.candidate ?? ''} needs ${requests(hardest?.requests ?? 0)}`,
  };
  const cap = isCapped ? ', up to the longest time of the policy' : '';
  return `; observed for ${formatDuration(seconds)} instead of ${formatDuration(own)}: ${causes[by] ?? ''}${cap}`;
}

/** Error ratios by their own threshold, latencies by the share of requests beyond it; nothing else counts requests. */
function testOf(group: string, rule: Rule): ThresholdTest | undefined {
  if (rule.judgeable === 'blind' || !rule.op.startsWith('>')) return undefined;
  if (group === 'Error Rate' && rule.unit === 'ratio') {
    const usual = rule.baseline.p50 ?? 0;
    return { candidate: rule.candidate, requests: requestsToTell(usual, rule.threshold) };
  }
  const quantile = Number(QUANTILE.exec(rule.expr)?.[1]);
  if (group !== 'Latency' || !(quantile > 0)) return undefined;
  const slow = 1 - quantile;
  const faulty = Math.min(slow * SLOW_FACTOR, (1 + slow) / 2);
  return { candidate: rule.candidate, requests: requestsToTell(slow, faulty) };
}

/** Rules of lower severity inform; they do not stop a release. */
const GATING: ReadonlySet<Severity> = new Set(['high', 'critical']);

/** The gating rule that takes the longest to fire: its hold time and one scrape. */
type Gate = { candidate: string; seconds: number };

const slowestGate = (rules: readonly Rule[]): Gate | undefined =>
  rules
    .filter(({ judgeable, severity }) => judgeable !== 'blind' && GATING.has(severity))
    .map((rule) => ({
      candidate: rule.candidate,
      seconds: parseSeconds(rule.for) + SCRAPE_DELAY_SECONDS,
    }))
    .reduce<Gate | undefined>(
      (a, b) => (a === undefined || b.seconds > a.seconds ? b : a),
      undefined,
    );

function countVerdicts(rules: readonly Rule[]): BatchJudgement['rules'] {
  const counts = { judgeable: 0, weak: 0, blind: 0 };
  for (const { judgeable } of rules) counts[judgeable] += 1;
  return counts;
}
