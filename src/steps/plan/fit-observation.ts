import type { Rule, WatchedGroup } from '../../domain/metrics';
import type { BatchJudgement, ReleasePlan } from '../../domain/release-plan';
import type { RolloutDocument } from '../../domain/knowledge/rollout-document';
import type { Severity } from '../../domain/risk';
import {
  requestsToTell,
  requestsWithin,
  secondsUntil,
  type WeeklyTraffic,
} from './observation-window';
import { parseSeconds } from '../text/parse-seconds';

type Batch = ReleasePlan['details']['gray_strategy']['batches'][number];

export type ObservationFacts = {
  groups: readonly WatchedGroup[];
  /** Null when no metric tells the requests of the service. */
  traffic: WeeklyTraffic | null;
  /** Healthy hosts that share the traffic, those that are no targets included. */
  servingHosts: number;
  /** When the first batch may begin, Unix seconds. */
  startsAt: number;
  worstSeverity: Severity | undefined;
  policy: Pick<RolloutDocument, 'max_observation' | 'observation_factor'>;
};

/** A rule sees a fault this long after it begins at the earliest: one scrape of a minute. */
const SCRAPE_DELAY_SECONDS = 60;
/** A latency threshold at quantile q is passed by 1 − q of the requests; harm is three times as many. */
const SLOW_FACTOR = 3;
const QUANTILE = /histogram_quantile\(\s*(0?\.\d+)/;

/** What has to be told from the baseline: the name of the rule, and the requests that it takes. */
type Test = { candidate: string; requests: number };

/**
 * How long each batch is looked at: at least the policy's time (times its factor for the worst risk), at least until
 * the slowest gating rule can have fired, at least until the batch got the requests that tell its error and latency
 * thresholds from the baseline, at most the policy's cap. Batches follow each other, so peaks and troughs of the
 * week count for each at its own time.
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
  hardest: Test | undefined;
  gate: number;
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
  const wishes: [BatchJudgement['limited_by'], number][] = [
    ['policy', own],
    ['severity', Math.ceil(own * factor)],
    ['rule', gate],
    ['traffic', needed],
  ];
  const [by, wish] = wishes.reduce((most, next) => (next[1] > most[1] ? next : most));
  const seconds = Math.min(wish, Math.max(cap, own));
  const expected = traffic && Math.floor(requestsWithin(traffic, share, startsAt, seconds));
  const before = traffic && Math.floor(requestsWithin(traffic, share, startsAt, own));
  return {
    ...batch,
    observation_time: `${seconds}s`,
    judgement: {
      ...verdictOf({ hardest, needed, expected, before, own, seconds, cap }),
      requests_needed:
        hardest === undefined || hardest.requests === Infinity ? null : hardest.requests,
      requests_expected: expected,
      limited_by: wish > seconds ? 'cap' : by,
      rules: counts,
    },
  };
}

function verdictOf(found: {
  hardest: Test | undefined;
  needed: number;
  expected: number | null;
  before: number | null;
  own: number;
  seconds: number;
  cap: number;
}): Pick<BatchJudgement, 'by' | 'reason'> {
  const { hardest, needed, expected, before, own, seconds, cap } = found;
  if (hardest === undefined) {
    return { by: 'weak', reason: 'no error or latency rule has data to judge the batch by' };
  }
  if (expected === null) {
    return {
      by: 'weak',
      reason: 'no metric tells the traffic: that the time suffices is not proven',
    };
  }
  if (hardest.requests === Infinity) {
    const reason = `cannot be judged by metrics: the threshold of ${hardest.candidate} is too close to its baseline`;
    return { by: 'blind', reason };
  }
  const need = `${hardest.requests} requests tell the threshold of ${hardest.candidate} from its baseline`;
  if (needed > cap) {
    const reason = `cannot be judged by metrics: ${need}, but ${seconds}s bring about ${expected}, and the policy allows no more than ${cap}s`;
    return { by: 'blind', reason };
  }
  if (needed > own) {
    return {
      by: 'metrics',
      reason: `${own}s bring about ${before ?? 0} requests and cannot judge it: ${need}, so ${seconds}s`,
    };
  }
  return { by: 'metrics', reason: `${need}, and about ${expected} come` };
}

/** Error ratios by their own threshold, latencies by the share of requests beyond it; nothing else counts requests. */
function testOf(group: string, rule: Rule): Test | undefined {
  if (rule.judgeable === 'blind' || !rule.op.startsWith('>')) return undefined;
  if (group === 'Error Rate' && rule.unit === 'ratio') {
    const calm = rule.baseline.p50 ?? 0;
    return { candidate: rule.candidate, requests: requestsToTell(calm, rule.threshold) };
  }
  const quantile = Number(QUANTILE.exec(rule.expr)?.[1]);
  if (group !== 'Latency' || !(quantile > 0)) return undefined;
  const slow = 1 - quantile;
  const faulty = Math.min(slow * SLOW_FACTOR, (1 + slow) / 2);
  return { candidate: rule.candidate, requests: requestsToTell(slow, faulty) };
}

/** Rules of lower severity inform; they do not hold a release back. */
const GATING: ReadonlySet<Severity> = new Set(['high', 'critical']);

const slowestGate = (rules: readonly Rule[]): number =>
  rules
    .filter(({ judgeable, severity }) => judgeable !== 'blind' && GATING.has(severity))
    .reduce((slowest, rule) => Math.max(slowest, parseSeconds(rule.for) + SCRAPE_DELAY_SECONDS), 0);

function countVerdicts(rules: readonly Rule[]): BatchJudgement['rules'] {
  const counts = { judgeable: 0, weak: 0, blind: 0 };
  for (const { judgeable } of rules) counts[judgeable] += 1;
  return counts;
}
