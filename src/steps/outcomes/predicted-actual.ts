import type { Issue } from '../../domain/issue';
import type { Rule } from '../../domain/metrics';
import type { Outcome } from '../../domain/records/outcome';
import { parseSeconds } from '../text/parse-seconds';

export type BatchComparison = {
  batch_id: number;
  hosts: number;
  /** Seconds of observation, as planned and as it was; null where the batch was not deployed. */
  planned: number;
  actual: number | null;
  /** Whether it passed; a batch that was stopped has no end of its observation. */
  passed: boolean;
  rules: { ok: number; breach: number; no_data: number; not_judged: number };
};
export type RuleComparison = {
  rule_id: string;
  rule: Pick<Rule, 'unit' | 'op'> | undefined;
  limit: number;
  expected: { p50: number | null; p99: number | null };
  seen: { p50: number | null; p99: number | null };
  breaches: number;
  breached_at?: string;
};
export type Rollback = {
  hosts: number;
  version: string;
  succeeded: boolean;
  seconds: number | null;
  text: string;
};

/** The prediction of an issue next to what happened in its release. */
export type PredictedActual = {
  result: Outcome['result'];
  seconds: number;
  /** Hosts that got the candidate, whether or not they kept it. */
  released: number;
  batches: BatchComparison[];
  rules: RuleComparison[];
  /** Rules of the issue without a value in this release. */
  unsampled: number;
  /** Risks that happened; those that were predicted and did not are a number. */
  risks: Outcome['risks'];
  calm: number;
  rollbacks: Rollback[];
};

export function predictedActual(issue: Issue, outcome: Outcome): PredictedActual {
  const plan = issue.steps[2].details.gray_strategy.batches;
  const rules = rulesOf(issue);
  return {
    result: outcome.result,
    seconds: secondsBetween(outcome.started_at, outcome.ended_at) ?? 0,
    released: new Set(outcome.batches.flatMap(({ hosts }) => hosts)).size,
    batches: plan.map(({ batch_id, hosts, observation_time }) =>
      compareBatch({ batch_id, hosts: hosts.length, planned: observation_time }, outcome),
    ),
    rules: outcome.rules.map(({ rule_id, predicted, actual }) => ({
      rule_id,
      rule: rules.get(rule_id),
      limit: predicted.threshold,
      expected: { p50: predicted.p50, p99: predicted.p99 },
      seen: { p50: actual.p50, p99: actual.p99 },
      breaches: actual.breaches,
      ...(actual.breached_at !== undefined && { breached_at: actual.breached_at }),
    })),
    unsampled: Math.max(0, rules.size - outcome.rules.length),
    risks: outcome.risks.filter(({ happened }) => happened),
    calm: outcome.risks.filter(({ predicted, happened }) => predicted && !happened).length,
    rollbacks: outcome.actions.filter(({ type }) => type === 'rollback').map(rollbackOf),
  };
}

function rulesOf(issue: Issue): Map<string, Rule> {
  const all = issue.steps[1].details.metrics.flatMap((group) => group.rules);
  return new Map(all.map((rule) => [rule.rule_id ?? rule.candidate, rule]));
}

function compareBatch(
  { batch_id, hosts, planned }: { batch_id: number; hosts: number; planned: string },
  { batches, ended_at: end }: Outcome,
): BatchComparison {
  const begun = batches.find((batch) => batch.batch_id === batch_id);
  const verdicts = Object.values(begun?.verdicts ?? {});
  const count = (kind: string) => verdicts.filter((verdict) => verdict === kind).length;
  return {
    ...{ batch_id, hosts, planned: parseSeconds(planned) },
    actual:
      begun === undefined ? null : secondsBetween(begun.deployed_at, begun.observed_until ?? end),
    passed: begun?.observed_until != null,
    rules: {
      ...{ ok: count('ok'), breach: count('breach') },
      ...{ no_data: count('no_data'), not_judged: count('not_judged') },
    },
  };
}

const rollbackOf = ({
  hosts = [],
  version = '',
  result,
  at,
  ended_at: end,
  text = '',
}: Outcome['actions'][number]): Rollback => ({
  ...{ hosts: hosts.length, version, text },
  succeeded: result === 'succeeded',
  seconds: secondsBetween(at, end),
});

function secondsBetween(from: string, to: string | undefined): number | null {
  const ms = Date.parse(to ?? '') - Date.parse(from);
  return Number.isFinite(ms) ? ms / 1000 : null;
}
