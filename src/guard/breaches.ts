import {
  PERSON,
  type Answer,
  type GuardedBatch,
  type GuardedRule,
  type IssueView,
} from './issue-view';
import type { RuleFindings } from './finding';
import { judgeSamples } from './judge';
import { observedUntil } from './observation';
import type { BatchState, Judgement, State } from './state';
import { durationOf } from './time';

/** What is known of one rule in one batch, and when its observation is over: without the pauses. */
export type RuleRecord = RuleFindings & { rule: GuardedRule; until: number };

/**
 * All rules of a batch as far as they were judged, with their breaches and the answers to them. A comparison with other
 * hosts has a record only in the batches that the issue compares.
 */
export function recordsOf(
  view: IssueView,
  state: State,
  batch: BatchState,
): Map<string, RuleRecord> {
  const plan = view.batchById.get(batch.batch_id);
  const records = new Map<string, RuleRecord>();
  for (const rule of view.rules.values())
    if (rule.batches?.has(batch.batch_id) ?? true)
      records.set(rule.rule_id, firstRecord(rule, plan, state, batch));
  let repairs = repairsBefore(state, batch) + (batch.judged?.repairs ?? 0);
  for (const step of stepsOf(view, state, batch)) {
    const { at, judgement } = step;
    if (judgement) {
      const record = records.get(judgement.rule_id);
      if (record) judge(record, judgement, answerOf(record, repairs, view));
      continue;
    }
    for (const record of records.values()) {
      if (step.isContinue && record.last?.kind === 'no_data') record.again = at;
      const { breach, rule, answered } = record;
      if (!breach || !answers(step, breach.answer)) continue;
      const own = durationOf(breach.answer.repair_observation_time);
      const observedMs = Number.isFinite(own) ? own : (plan?.repairObservationMs ?? NaN);
      const until = observedUntil(at, observedMs, state.pauses);
      const anew = { rule, from: at, until, observedMs, answered: answered + 1, passed: [] };
      records.set(rule.rule_id, anew);
    }
    if (!step.isContinue) repairs += 1;
  }
  return records;
}

/** The n-th breach of a rule in a batch has the n-th answer; after the release's last repair, the last one answers. */
function answerOf({ rule, answered }: RuleRecord, repairs: number, view: IssueView): Answer {
  const last = rule.onBreach.length - 1;
  const index = repairs >= view.maxRepairs ? last : Math.min(answered, last);
  return rule.onBreach[index] ?? PERSON;
}

/** A judgement, a repair, or a person who let a paused release go on: that answers what only a person can answer. */
type Step = {
  at: number;
  judgement?: Judgement;
  action: string;
  risk?: string;
  isContinue?: boolean;
};

function stepsOf(
  view: IssueView,
  state: State,
  { judgements, repairs, judged }: BatchState,
): Step[] {
  const steps = [
    ...judgements
      .filter(({ digest }) => digest === undefined || digest === view.issue.digest)
      .map((judgement): Step => ({ at: judgement.at, judgement, action: 'judge' })),
    ...repairs.slice(judged?.repairs ?? 0),
    ...state.pauses
      .slice(judged?.continues ?? 0)
      .flatMap(({ to: at }): Step[] =>
        at === undefined ? [] : [{ at, action: 'pause', isContinue: true }],
      ),
  ];
  // Stable: a judgement comes before the answer of the same moment.
  return steps.sort((a, b) => a.at - b.at);
}

/** Whether a repair is the one that the issue has. */
export const answers = (
  repair: { action: string; risk?: string },
  { action, risk }: Answer,
): boolean =>
  repair.action === action &&
  (repair.risk === undefined || risk === undefined || repair.risk === risk);

const repairsBefore = (state: State, batch: BatchState): number =>
  state.batches.slice(0, state.batches.indexOf(batch)).flatMap(({ repairs }) => repairs).length;

/** As it was after the judgements that were forgotten (`withoutSamples`), else as at the deploy. */
function firstRecord(
  rule: GuardedRule,
  plan: GuardedBatch | undefined,
  { pauses }: State,
  { judged, deployedAt }: BatchState,
): RuleRecord {
  const kept = judged?.records[rule.rule_id];
  const from = kept?.from ?? deployedAt;
  // As JSON, NaN becomes null: a time that is not known does not end.
  const observedMs = (kept ? kept.observedMs : plan?.observationMs) ?? NaN;
  const until = observedUntil(from, observedMs, pauses);
  if (!kept) return { rule, from, until, observedMs, answered: 0, passed: [] };
  return { ...kept, observedMs, rule, until, passed: [...kept.passed] };
}

function judge(record: RuleRecord, { at, samples, limit }: Judgement, answer: Answer): void {
  const { rule, from, until, answered } = record;
  const facts = { rule, limit, samples, from, before: record.run };
  const finding = judgeSamples({ ...facts, to: Math.min(at, until), now: at });
  record.last = finding;
  record.run = undefined;
  if (finding.kind === 'ok') {
    record.run = finding.run;
    record.passed.push({ first: finding.first, last: finding.last });
  }
  if (finding.kind === 'breach') record.breach ??= { finding, answer, number: answered + 1 };
}
