import { lookBackOf } from './rate-window';
import { durationOf, millisecondsOf } from './time';

/** The parts of an issue that the guard reads. A recorded issue (docs/schemas/issue.schema.json) fits. */
export type GuardedIssue = {
  issue_id: string;
  digest: string;
  service: string;
  candidate: string;
  revision: number;
  expires_at: string;
  not_before?: string;
  capabilities?: readonly string[];
  approvals?: { required: number; reason?: string; requested_by?: string };
  rollback?: { targets: Readonly<Record<string, readonly string[]>> };
  steps: readonly { step_name: string; details: unknown }[];
};

/** One answer to a breach; `hosts`: those of the batch, or all that are released. */
export type Answer = {
  action: string;
  risk?: string;
  knowledge?: string;
  hosts: 'batch' | 'released';
  repair_observation_time?: string;
};
export type GuardedRule = {
  pointer: string;
  rule_id: string;
  op: '>' | '<' | '>=' | '<=';
  threshold: number;
  forMs: number;
  gates: boolean;
  lookBackMs: number;
  onBreach: readonly Answer[];
};
export type GuardedBatch = {
  pointer: string;
  batch_id: number;
  index: number;
  hosts: ReadonlySet<string>;
  observationMs: number;
  repairObservationMs: number;
};

/** An issue, indexed for the guard. */
export type IssueView = {
  issue: GuardedIssue;
  expiresAt: number;
  notBefore: number;
  batches: readonly GuardedBatch[];
  batchById: ReadonlyMap<number, GuardedBatch>;
  rules: ReadonlyMap<string, GuardedRule>;
  gating: readonly GuardedRule[];
  /** The version that each host ran at verification. */
  targetOf: ReadonlyMap<string, string>;
  maxRepairs: number;
  approvalsRequired: number;
};

export const PLAN_POINTER = '/steps/2/details/gray_strategy';
const METRICS_POINTER = '/steps/1/details/metrics';
const DEFAULT_MAX_REPAIRS = 3;
/** Without answers in the issue, a breach is for a person. */
const PERSON: readonly Answer[] = [{ action: 'pause', hosts: 'batch' }];

/** Indexes an issue. Throws a TypeError that names the part that is missing: such an issue allows nothing. */
export function viewOf(issue: GuardedIssue): IssueView {
  const strategy = strategyOf(issue);
  const batches = strategy.batches.map(batchOf);
  const rules = new Map<string, GuardedRule>();
  for (const rule of rulesOf(issue)) rules.set(rule.rule_id, rule);
  const targetOf = new Map<string, string>();
  for (const [version, hosts] of Object.entries(issue.rollback?.targets ?? {}))
    for (const host of hosts) targetOf.set(host, version);
  return {
    issue,
    expiresAt: millisecondsOf(issue.expires_at),
    notBefore: issue.not_before === undefined ? -Infinity : millisecondsOf(issue.not_before),
    batches,
    batchById: new Map(batches.map((batch) => [batch.batch_id, batch])),
    rules,
    gating: [...rules.values()].filter(({ gates }) => gates),
    targetOf,
    maxRepairs: strategy.max_repairs ?? DEFAULT_MAX_REPAIRS,
    approvalsRequired: issue.approvals?.required ?? 0,
  };
}

type Strategy = { batches: readonly RawBatch[]; max_repairs?: number };
type RawBatch = {
  batch_id: number;
  hosts: readonly { host_id: string }[];
  observation_time: string;
  repair_observation_time: string;
};
type RawRule = {
  rule_id?: string;
  candidate: string;
  expr: string;
  op: GuardedRule['op'];
  threshold: number;
  for: string;
  judgeable: string;
  gates?: boolean;
  on_breach?: readonly Answer[];
};

const detailsOf = (issue: GuardedIssue, index: number): Record<string, unknown> => {
  const details = issue.steps?.[index]?.details;
  if (typeof details !== 'object' || details === null)
    throw new TypeError(`the issue has no /steps/${index}/details: it is not a recorded issue`);
  return details as Record<string, unknown>;
};

function strategyOf(issue: GuardedIssue): Strategy {
  const strategy = detailsOf(issue, 2)['gray_strategy'] as Strategy | undefined;
  if (!Array.isArray(strategy?.batches) || strategy.batches.length === 0)
    throw new TypeError(`the issue has no ${PLAN_POINTER}/batches: it is not a recorded issue`);
  return strategy;
}

const batchOf = (batch: RawBatch, index: number): GuardedBatch => ({
  pointer: `${PLAN_POINTER}/batches/${index}`,
  batch_id: batch.batch_id,
  index,
  hosts: new Set(batch.hosts.map(({ host_id }) => host_id)),
  observationMs: durationOf(batch.observation_time),
  repairObservationMs: durationOf(batch.repair_observation_time),
});

function rulesOf(issue: GuardedIssue): GuardedRule[] {
  const groups = detailsOf(issue, 1)['metrics'] as
    readonly { rules: readonly RawRule[] }[] | undefined;
  if (groups === undefined || typeof groups.flatMap !== 'function')
    throw new TypeError(`the issue has no ${METRICS_POINTER}`);
  return groups.flatMap(({ rules }, group) =>
    rules.map((rule, index) => ruleOf(rule, `${METRICS_POINTER}/${group}/rules/${index}`)),
  );
}

/** Issues from before rules had ids are judged by candidate; two rules of one candidate are one there. */
const ruleOf = (rule: RawRule, pointer: string): GuardedRule => ({
  pointer,
  rule_id: rule.rule_id ?? rule.candidate,
  op: rule.op,
  threshold: rule.threshold,
  forMs: durationOf(rule.for),
  gates: rule.gates ?? rule.judgeable === 'judgeable',
  lookBackMs: lookBackOf(rule.expr),
  onBreach: rule.on_breach !== undefined && rule.on_breach.length > 0 ? rule.on_breach : PERSON,
});
