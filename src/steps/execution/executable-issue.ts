import type { Issue } from '../../domain/issue';
import type { RelativeRule } from '../../domain/metrics';
import type { GuardedIssue } from '../../guard/guard';
import { comparisonIdOf } from '../../guard/issue-view';

/** What an executor reads of an issue: all that the guard reads, and the expressions. Small enough for each history. */
export type ExecutableIssue = GuardedIssue & {
  deploy_timeout?: string;
  /** What hosts ran whose version's last release was aborted or rolled back: nothing goes back to it. */
  not_targets?: Record<string, readonly string[]>;
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
  /** Without the expressions of batches, which name all hosts: they are read from the store. */
  relative?: Omit<RelativeRule, 'batches' | 'backtest'> & { batches?: { batch_id: number }[] };
  predicted: { p50: number | null; p99: number | null };
};
export type ExecutableBatch = {
  batch_id: number;
  hosts: { host_id: string }[];
  observation_time: string;
  repair_observation_time: string;
};

/** The parts of an issue that its execution needs; JSON pointers into them are those of the whole issue. */
export function executableOf(issue: Issue, failed: readonly string[] = []): ExecutableIssue {
  const [check, metrics, plan, risks] = issue.steps;
  const { batches, policy } = plan.details.gray_strategy;
  const { deploy_timeout: deployTimeout } = issue;
  return {
    issue_id: issue.issue_id,
    digest: issue.digest,
    service: issue.service,
    candidate: issue.candidate,
    revision: issue.revision,
    created_at: issue.created_at,
    expires_at: issue.expires_at,
    ...(issue.not_before !== undefined && { not_before: issue.not_before }),
    ...(issue.max_repairs !== undefined && { max_repairs: issue.max_repairs }),
    ...(issue.capabilities !== undefined && { capabilities: issue.capabilities }),
    ...(issue.approvals !== undefined && { approvals: issue.approvals }),
    ...targetsBut(issue.rollback?.targets, failed),
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

/** `failed`: versions that no rollback goes to. The guard refuses them too: it does not see them. */
function targetsBut(
  targets: Readonly<Record<string, string[]>> | undefined,
  failed: readonly string[],
): Pick<ExecutableIssue, 'rollback' | 'not_targets'> {
  if (targets === undefined) return {};
  const all = Object.entries(targets);
  const not = all.filter(([version]) => failed.includes(version));
  return {
    rollback: { targets: Object.fromEntries(all.filter((one) => !not.includes(one))) },
    ...(not.length > 0 && { not_targets: Object.fromEntries(not) }),
  };
}

type IssueRule = Issue['steps'][1]['details']['metrics'][number]['rules'][number];

function ruleOf(rule: IssueRule): ExecutableRule {
  const {
    rule_id: id,
    candidate,
    expr,
    op,
    threshold,
    judgeable,
    gates,
    on_breach,
    source,
    relative,
  } = rule;
  const { p50, p99 } = rule.baseline;
  return {
    ...(id !== undefined && { rule_id: id }),
    ...{ candidate, expr, op, threshold, for: rule.for, judgeable, source },
    ...(gates !== undefined && { gates }),
    ...(on_breach !== undefined && { on_breach }),
    ...(relative !== undefined && { relative: comparisonOf(relative) }),
    predicted: { p50, p99 },
  };
}

const comparisonOf = ({ expr, host_label, op, ratio, for: hold, calm, batches }: RelativeRule) => ({
  ...{ expr, host_label, op, ratio, for: hold },
  ...(calm !== undefined && { calm }),
  ...(batches !== undefined && { batches: batches.map(({ batch_id }) => ({ batch_id })) }),
});

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

/** The rule of a judgement: a comparison with other hosts has an id of its own. */
export const ruleOfId = (
  issue: ExecutableIssue,
  id: string,
): { rule: ExecutableRule; isComparison: boolean } | undefined => {
  for (const [own, rule] of rulesById(issue)) {
    if (own === id) return { rule, isComparison: false };
    if (rule.relative !== undefined && comparisonIdOf(own) === id)
      return { rule, isComparison: true };
  }
  return undefined;
};

/** The version that each host goes back to; hosts that did not run the service are not in it. */
export const targetsOf = ({ rollback }: ExecutableIssue): Map<string, string> =>
  versionsByHost(rollback?.targets ?? {});

/** The version that each host ran at verification, whether it may go back to it or not. */
export const ranBefore = ({ rollback, not_targets: not }: ExecutableIssue): Map<string, string> =>
  versionsByHost({ ...rollback?.targets, ...not });

function versionsByHost(versions: Readonly<Record<string, readonly string[]>>) {
  const byHost = new Map<string, string>();
  for (const [version, hosts] of Object.entries(versions))
    for (const host of hosts) byHost.set(host, version);
  return byHost;
}

const DEFAULT_DEPLOY_TIMEOUT_MS = 900_000;

/** How long the deploy of a batch may take, from its begin. */
export function deployTimeoutOf({ deploy_timeout: text }: ExecutableIssue): number {
  const ms = text === undefined ? NaN : Number.parseInt(text, 10) * 1000;
  return Number.isFinite(ms) ? ms : DEFAULT_DEPLOY_TIMEOUT_MS;
}
