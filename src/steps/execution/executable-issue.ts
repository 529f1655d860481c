import type { Issue } from '../../domain/issue';
import type { GuardedIssue } from '../../guard/guard';

/** What an executor reads of an issue: all that the guard reads, and the expressions. Small enough for each history. */
export type ExecutableIssue = GuardedIssue & {
  deploy_timeout?: string;
  steps: [
    { step_name: string; details: Record<string, never> },
    { step_name: string; details: { metrics: { rules: ExecutableRule[] }[] } },
    {
      step_name: string;
      details: {
        gray_strategy: { batches: ExecutableBatch[]; policy: string };
      };
    },
    { step_name: string; details: { risks: { type: string; mitigation: string }[] } },
  ];
};
export type ExecutableRule = {
  rule_id?: string;
  candidate: string;
  expr: string;
  op: '>' | '<' | '>=' | '<=';
  threshold: number;
  for: string;
  judgeable: string;
  gates?: boolean;
  on_breach?: {
    action: string;
    risk?: string;
    knowledge?: string;
    hosts: 'batch' | 'released';
    repair_observation_time: string;
  }[];
  source: string;
  predicted: { p50: number | null; p99: number | null };
};
export type ExecutableBatch = {
  batch_id: number;
  hosts: { host_id: string }[];
  observation_time: string;
  repair_observation_time: string;
};

/** The parts of an issue that its execution needs; JSON pointers into them are those of the whole issue. */
export function executableOf(issue: Issue): ExecutableIssue {
  const [check, metrics, plan, risks] = issue.steps;
  const { batches, policy } = plan.details.gray_strategy;
  const { deploy_timeout: deployTimeout } = issue;
  return {
    issue_id: issue.issue_id,
    digest: issue.digest,
    service: issue.service,
    candidate: issue.candidate,
    revision: issue.revision,
    expires_at: issue.expires_at,
    ...(issue.not_before !== undefined && { not_before: issue.not_before }),
    ...(issue.max_repairs !== undefined && { max_repairs: issue.max_repairs }),
    ...(issue.capabilities !== undefined && { capabilities: issue.capabilities }),
    ...(issue.approvals !== undefined && { approvals: issue.approvals }),
    ...(issue.rollback !== undefined && { rollback: { targets: issue.rollback.targets } }),
    ...(deployTimeout !== undefined && { deploy_timeout: deployTimeout }),
    steps: [
      { step_name: check.step_name, details: {} },
      {
        step_name: metrics.step_name,
        details: {
          metrics: metrics.details.metrics.map(({ rules }) => ({ rules: rules.map(ruleOf) })),
        },
      },
      {
        step_name: plan.step_name,
        details: { gray_strategy: { batches: batches.map(batchOf), policy } },
      },
      {
        step_name: risks.step_name,
        details: {
          risks: risks.details.risks.map(({ type, mitigation }) => ({ type, mitigation })),
        },
      },
    ],
  };
}

type IssueRule = Issue['steps'][1]['details']['metrics'][number]['rules'][number];

function ruleOf(rule: IssueRule): ExecutableRule {
  const { rule_id: id, candidate, expr, op, threshold, judgeable, gates, on_breach, source } = rule;
  const { p50, p99 } = rule.baseline;
  return {
    ...(id !== undefined && { rule_id: id }),
    ...{ candidate, expr, op, threshold, for: rule.for, judgeable, source },
    ...(gates !== undefined && { gates }),
    ...(on_breach !== undefined && { on_breach }),
    predicted: { p50, p99 },
  };
}

const batchOf = (batch: ExecutableBatch): ExecutableBatch => ({
  batch_id: batch.batch_id,
  hosts: batch.hosts.map(({ host_id }) => ({ host_id })),
  observation_time: batch.observation_time,
  repair_observation_time: batch.repair_observation_time,
});

export const batchesOf = (issue: ExecutableIssue): ExecutableBatch[] =>
  issue.steps[2].details.gray_strategy.batches;

/** The id by which the guard knows a rule. */
export const ruleIdOf = ({ rule_id: id, candidate }: ExecutableRule): string => id ?? candidate;

export const rulesById = (issue: ExecutableIssue): Map<string, ExecutableRule> =>
  new Map(
    issue.steps[1].details.metrics.flatMap(({ rules }) =>
      rules.map((rule): [string, ExecutableRule] => [ruleIdOf(rule), rule]),
    ),
  );

/** The version that each host ran at verification; hosts that did not run the service are not in it. */
export function targetsOf({ rollback }: ExecutableIssue): Map<string, string> {
  const targets = new Map<string, string>();
  for (const [version, hosts] of Object.entries(rollback?.targets ?? {}))
    for (const host of hosts) targets.set(host, version);
  return targets;
}

const DEFAULT_DEPLOY_TIMEOUT_MS = 900_000;

/** How long the deploy of a batch may take, from its begin. */
export function deployTimeoutOf({ deploy_timeout: text }: ExecutableIssue): number {
  const ms = text === undefined ? NaN : Number.parseInt(text, 10) * 1000;
  return Number.isFinite(ms) ? ms : DEFAULT_DEPLOY_TIMEOUT_MS;
}
