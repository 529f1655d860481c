import type { Issue } from '../domain/issue';

export const PARTS = ['summary', 'plan', 'rules', 'risks', 'warnings'] as const;
export type Part = (typeof PARTS)[number];

/** How many items of a list, the most that fit: all of one batch, few of many. */
const SIZES = [40, 20, 10, 5, 2, 1];
const SIZES_OF_ONE = [2_000, 1_000, 500, 250, 100, ...SIZES];

/** The largest part of an issue that `fits`; lists are cut, and say so. */
export function issuePart(
  issue: Issue,
  { part, batchId, fits }: { part: Part; batchId?: number; fits: (answer: object) => boolean },
): Record<string, unknown> {
  const sizes = batchId === undefined ? SIZES : SIZES_OF_ONE;
  const most = sizes.find((size) => fits(partOf(issue, { part, most: size, batchId }))) ?? 1;
  return partOf(issue, { part, most, batchId });
}

type Wanted = { part: Part; most: number; batchId: number | undefined };

function partOf(issue: Issue, { part, most, batchId }: Wanted): Record<string, unknown> {
  const first = <Item>(items: readonly Item[]) => ({
    items: items.slice(0, most),
    ...(items.length > most && { left_out: items.length - most }),
  });
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
        rollback_versions: Object.keys(rollback?.targets ?? {}).slice(0, most),
        hosts: version.details.hosts,
        plan: { batches: batches.length, total_time, policy },
        risks: risks.details.risks.slice(0, 5).map(({ type, severity }) => ({ type, severity })),
        warnings: warnings.length,
      };
    }
    case 'plan': {
      const chosen = batches.filter(({ batch_id: id }) => (batchId ?? id) === id);
      if (chosen.length === 0) throw new Error(`The plan has no batch ${batchId}.`);
      return {
        ...head,
        batches: first(
          chosen.map(({ batch_id, hosts, observation_time, repair_observation_time }) => ({
            ...{ batch_id, observation_time, repair_observation_time, hosts: hosts.length },
            host_ids: first(hosts.map(({ host_id: id }) => id)),
          })),
        ),
      };
    }
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
