import { lookBackOf } from './look-back';
import { durationOf, millisecondsOf } from './time';

/** The parts of an issue that the guard reads. A recorded issue (docs/schemas/issue.schema.json) fits. */
export type GuardedIssue = {
  issue_id: string;
  digest: string;
  service: string;
  candidate: string;
  revision: number;
  created_at?: string;
  expires_at: string;
  not_before?: string;
  /** Repairs in one release; the breach after them gets the last answer. */
  max_repairs?: number;
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
  limitPointer: string;
  answersPointer: string;
  rule_id: string;
  op: '>' | '<' | '>=' | '<=';
  threshold: number;
  forMs: number;
  gates: boolean;
  lookBackMs: number;
  onBreach: readonly Answer[];
  /** Of a batch with the hosts that are not released: `relative` of a rule, known as its id and `#relative`. */
  isComparison?: boolean;
  /** The batches that the issue compares; all where the executor fills in the hosts. */
  batches?: ReadonlySet<number>;
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
  /** The version that each host ran at verification. */
  targetOf: ReadonlyMap<string, string>;
  maxRepairs: number;
};

export const BATCHES_POINTER = '/steps/2/details/gray_strategy/batches';
export const METRICS_POINTER = '/steps/1/details/metrics';
const DEFAULT_MAX_REPAIRS = 3;
/** Clocks differ, but by less. A time in seconds, or of a clock that was reset, would never expire. */
const DAY_MS = 86_400_000;
/** Without answers in the issue, a breach is for a person. */
export const PERSON: Answer = { action: 'pause', hosts: 'batch' };
/** The id of a rule's comparison of a batch with the hosts that are not released. */
export const comparisonIdOf = (ruleId: string): string => `${ruleId}#relative`;

/** Indexes an issue. Throws a TypeError that names the part that is missing: such an issue allows nothing. */
export function viewOf(issue: GuardedIssue): IssueView {
  const batches = planOf(issue).map(batchOf);
  const rules = new Map<string, GuardedRule>();
  for (const rule of rulesOf(issue)) rules.set(rule.rule_id, rule);
  const targetOf = new Map<string, string>();
  for (const [version, hosts] of Object.entries(issue.rollback?.targets ?? {}))
    for (const host of hosts) targetOf.set(host, version);
  return {
    issue,
    expiresAt: millisecondsOf(issue.expires_at),
    notBefore:
      issue.not_before === undefined
        ? millisecondsOf(issue.created_at) - DAY_MS || -Infinity
        : millisecondsOf(issue.not_before),
    batches,
    batchById: new Map(batches.map((batch) => [batch.batch_id, batch])),
    rules,
    targetOf,
    maxRepairs: issue.max_repairs ?? DEFAULT_MAX_REPAIRS,
  };
}

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
  relative?: {
    expr: string;
    op: '>' | '<';
    ratio: number;
    for: string;
    batches?: readonly { batch_id: number }[];
  };
};

/** The batches of the plan. Throws where there are none. */
function planOf({ steps }: GuardedIssue): readonly RawBatch[] {
  const plan = steps?.[2]?.details as { gray_strategy?: { batches?: unknown } } | undefined;
  const batches = plan?.gray_strategy?.batches;
  if (Array.isArray(batches) && batches.length > 0) return batches as RawBatch[];
  throw new TypeError(`no recorded issue: it has no ${BATCHES_POINTER}`);
}

const batchOf = (batch: RawBatch, index: number): GuardedBatch => ({
  pointer: `${BATCHES_POINTER}/${index}`,
  batch_id: batch.batch_id,
  index,
  hosts: new Set(batch.hosts.map(({ host_id }) => host_id)),
  observationMs: durationOf(batch.observation_time),
  repairObservationMs: durationOf(batch.repair_observation_time),
});

function rulesOf({ steps }: GuardedIssue): GuardedRule[] {
  const metrics = (steps[1]?.details as { metrics?: unknown } | undefined)?.metrics;
  if (!Array.isArray(metrics))
    throw new TypeError(`no recorded issue: it has no ${METRICS_POINTER}`);
  return (metrics as { rules: readonly RawRule[] }[]).flatMap(({ rules }, group) =>
    rules.flatMap((rule, index) => ruleOf(rule, `${METRICS_POINTER}/${group}/rules/${index}`)),
  );
}

/** Issues from before rules had ids are judged by candidate; two rules of one candidate are one there. */
function ruleOf(rule: RawRule, pointer: string): GuardedRule[] {
  const { rule_id: id = rule.candidate, on_breach: answers = [], relative } = rule;
  const level: GuardedRule = {
    pointer,
    limitPointer: `${pointer}/threshold`,
    answersPointer: `${pointer}/on_breach`,
    rule_id: id,
    op: rule.op,
    threshold: rule.threshold,
    forMs: durationOf(rule.for),
    gates: rule.gates ?? rule.judgeable === 'judgeable',
    lookBackMs: lookBackOf(rule.expr),
    onBreach: answers.length > 0 ? answers : [PERSON],
  };
  return relative ? [level, comparisonOf(level, relative)] : [level];
}

const comparisonOf = (
  level: GuardedRule,
  { expr, op, ratio, for: hold, batches }: NonNullable<RawRule['relative']>,
): GuardedRule => ({
  ...level,
  pointer: `${level.pointer}/relative`,
  limitPointer: `${level.pointer}/relative/ratio`,
  rule_id: comparisonIdOf(level.rule_id),
  op,
  threshold: ratio,
  forMs: durationOf(hold),
  lookBackMs: lookBackOf(expr),
  isComparison: true,
  batches: batches && new Set(batches.map(({ batch_id: id }) => id)),
});
