import type { BreachAnswer } from '../domain/constraint';
import type { Issue } from '../domain/issue';
import type { RelativeRule, Rule, WatchedGroup } from '../domain/metrics';
import { lookBackOf } from '../guard/look-back';
import { ruleIdsOf } from '../steps/constraint/rule-ids';
import { asVector, withoutComments } from '../steps/rules/promql-text';
import { parseSeconds } from '../steps/text/parse-seconds';

/** A rule of an issue as executors need it. */
export type ExportRule = {
  id: string;
  group: string;
  /** Whose series it reads, where they are not the service's own. */
  beside?: WatchedGroup['beside'];
  candidate: string;
  expr: string;
  op: Rule['op'];
  threshold: number;
  forSeconds: number;
  /** How far back the expression looks, in whole seconds. */
  lookBackSeconds: number;
  severity: Rule['severity'];
  judgeable: Rule['judgeable'];
  gates: boolean;
  source: string;
  onBreach: readonly BreachAnswer[];
  relative?: RelativeRule;
};
export type ExportBatch = {
  id: number;
  hosts: number;
  /** Hosts of this batch and of those before it. */
  released: number;
  seconds: number;
};

/** What an issue says, without what no other executor takes. */
export type ExportFacts = {
  issueId: string;
  digest: string;
  service: string;
  version: string;
  expiresAt: string;
  /** Rules that can be judged; those that have no data already are `blind`. */
  rules: readonly ExportRule[];
  blind: readonly ExportRule[];
  batches: readonly ExportBatch[];
  hosts: number;
};

export function factsOf(issue: Issue): ExportFacts {
  const [, metrics, plan] = issue.steps;
  const rules = rulesOf(metrics.details.metrics);
  const batches = batchesOf(plan.details.gray_strategy.batches);
  return {
    issueId: issue.issue_id,
    digest: issue.digest,
    service: issue.service,
    version: issue.candidate,
    expiresAt: issue.expires_at,
    rules: rules.filter(({ judgeable }) => judgeable !== 'blind'),
    blind: rules.filter(({ judgeable }) => judgeable === 'blind'),
    batches,
    hosts: batches.reduce((sum, { hosts }) => sum + hosts, 0),
  };
}

/** Whether the first answer to a breach is a person: then nothing may roll back by itself. */
export const asksPerson = ({ onBreach }: ExportRule): boolean => onBreach[0]?.action === 'pause';

function rulesOf(groups: readonly WatchedGroup[]): ExportRule[] {
  // Issues of before 0.2.0 have rules without ids.
  const ids = ruleIdsOf(groups);
  return groups.flatMap(({ name, beside, rules }, group) =>
    rules.map((rule, index): ExportRule => {
      const expr = asVector(withoutComments(rule.expr));
      return {
        id: rule.rule_id ?? ids[group]?.[index] ?? rule.candidate,
        group: name,
        beside,
        candidate: rule.candidate,
        expr,
        op: rule.op,
        threshold: rule.threshold,
        forSeconds: parseSeconds(rule.for),
        lookBackSeconds: Math.ceil(lookBackOf(expr) / 1000),
        severity: rule.severity,
        judgeable: rule.judgeable,
        gates: rule.gates ?? rule.judgeable === 'judgeable',
        source: rule.source,
        onBreach: rule.on_breach ?? [],
        relative: rule.relative,
      };
    }),
  );
}

function batchesOf(
  batches: readonly { batch_id: number; observation_time: string; hosts: readonly unknown[] }[],
): ExportBatch[] {
  let released = 0;
  return batches.map(({ batch_id: id, observation_time: time, hosts }) => {
    released += hosts.length;
    // Where a duration of nothing means "for ever" or is refused, a second is the shortest.
    return { id, hosts: hosts.length, released, seconds: Math.max(1, parseSeconds(time)) };
  });
}
