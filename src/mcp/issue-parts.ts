import type { Issue } from '../domain/issue';

export const PARTS = ['summary', 'plan', 'rules', 'risks', 'warnings'] as const;
export type Part = (typeof PARTS)[number];

const MOST = 40;
const first = <Item>(items: readonly Item[]) => ({
  items: items.slice(0, MOST),
  ...(items.length > MOST && { left_out: items.length - MOST }),
});

/** A part of an issue that is short enough for a model; lists are cut, and say so. */
export function issuePart(issue: Issue, part: Part): Record<string, unknown> {
  const { issue_id, digest, revision, service, candidate, expires_at, not_before } = issue;
  const head = { issue_id, digest, revision, service, candidate, expires_at, not_before };
  const [version, metrics, plan, risks] = issue.steps;
  const { batches, policy, total_time } = plan.details.gray_strategy;
  switch (part) {
    case 'summary': {
      const { verdict, approvals, capabilities, rollback, max_repairs, warnings } = issue;
      return {
        ...head,
        ...{ verdict, approvals, capabilities, max_repairs },
        rollback_versions: Object.keys(rollback?.targets ?? {}).slice(0, MOST),
        hosts: version.details.hosts,
        plan: { batches: batches.length, total_time, policy },
        risks: risks.details.risks.slice(0, 5).map(({ type, severity }) => ({ type, severity })),
        warnings: warnings.length,
      };
    }
    case 'plan':
      return {
        ...head,
        batches: first(
          batches.map(({ batch_id, hosts, observation_time, repair_observation_time }) => ({
            ...{ batch_id, observation_time, repair_observation_time, hosts: hosts.length },
            host_ids: first(hosts.map(({ host_id: id }) => id)),
          })),
        ),
      };
    case 'rules':
      return {
        ...head,
        rules: first(
          metrics.details.metrics.flatMap(({ name, rules }) =>
            rules.map(({ rule_id, op, threshold, unit, for: hold, gates, on_breach }) => ({
              ...{ group: name, rule_id, op, threshold, unit, for: hold, gates },
              on_breach: on_breach?.map(({ action }) => action),
            })),
          ),
        ),
      };
    case 'risks':
      return {
        ...head,
        risks: first(
          risks.details.risks.map(({ type, severity, likelihood, reason, mitigation }) => ({
            ...{ type, severity, likelihood, reason, mitigation },
          })),
        ),
      };
    case 'warnings':
      return { ...head, warnings: first(issue.warnings) };
  }
}
