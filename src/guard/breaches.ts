import type { Answer, GuardedBatch, GuardedRule, IssueView } from './issue-view';
import type { RuleFindings } from './finding';
import { judgeSamples } from './judge';
import { observedUntil } from './observation';
import type { BatchState, State } from './state';

/** What is known of one rule in one batch, and when its observation is over: without the pauses. */
export type RuleRecord = RuleFindings & { rule: GuardedRule; until: number };

/** All rules of a batch as far as they were judged, with their breaches and the answers to them. */
export function recordsOf(
  view: IssueView,
  state: State,
  batch: BatchState,
): Map<string, RuleRecord> {
  const plan = view.batchById.get(batch.batch_id);
  const records = new Map<string, RuleRecord>();
  for (const rule of view.rules.values())
    records.set(rule.rule_id, firstRecord(rule, plan, state, batch));
  let repairs = repairsBefore(state, batch) + (batch.judged?.repairs ?? 0);
  for (const step of stepsOf(view, state, batch)) {
    if (step.kind === 'judgement') {
      const record = records.get(step.judgement.rule_id);
      if (record !== undefined) judge(view, record, step, repairs);
      continue;
    }
    for (const record of records.values()) {
      if (step.kind === 'continue' && record.last?.kind === 'no_data') record.again = step.at;
      if (record.breach === undefined || !answers(step, record.breach.answer)) continue;
      const repairMs = repairTime(record.breach.answer, plan);
      Object.assign(record, {
        from: step.at,
        until: observedUntil(step.at, repairMs, state.pauses),
        observedMs: repairMs,
        breach: undefined,
        answered: record.answered + 1,
        last: undefined,
        passed: [],
        run: undefined,
        again: undefined,
      });
    }
    if (step.kind === 'repair') repairs += 1;
  }
  return records;
}

/** The n-th breach of a rule in a batch has the n-th answer; after the release's last repair, the last one answers. */
export function answerOf(
  rule: GuardedRule,
  answered: number,
  repairs: number,
  view: IssueView,
): Answer {
  const last = rule.onBreach.length - 1;
  const index = repairs >= view.maxRepairs ? last : Math.min(answered, last);
  return rule.onBreach[index] ?? { action: 'pause', hosts: 'batch' };
}

type Step =
  | { kind: 'judgement'; at: number; judgement: BatchState['judgements'][number] }
  | { kind: 'repair'; at: number; action: string; risk?: string }
  /** A person let a paused release go on: that answers a breach that only a person can answer. */
  | { kind: 'continue'; at: number; action: 'pause' };

function stepsOf(view: IssueView, state: State, batch: BatchState): Step[] {
  const steps: Step[] = [
    ...batch.judgements
      .filter(({ digest }) => digest === undefined || digest === view.issue.digest)
      .map((judgement): Step => ({ kind: 'judgement', at: judgement.at, judgement })),
    ...batch.repairs
      .slice(batch.judged?.repairs ?? 0)
      .map((repair): Step => ({ kind: 'repair', ...repair })),
    ...state.pauses
      .slice(batch.judged?.continues ?? 0)
      .flatMap(({ to }): Step[] =>
        to === undefined ? [] : [{ kind: 'continue', at: to, action: 'pause' }],
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
  state.batches
    .slice(0, state.batches.indexOf(batch))
    .reduce((sum, { repairs }) => sum + repairs.length, 0);

const repairTime = (
  { repair_observation_time: time }: Answer,
  plan: GuardedBatch | undefined,
): number => {
  const own = time === undefined ? NaN : Number.parseInt(time, 10) * 1000;
  return Number.isFinite(own) ? own : (plan?.repairObservationMs ?? NaN);
};

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
  const observedMs = (kept === undefined ? plan?.observationMs : kept.observedMs) ?? NaN;
  const until = observedUntil(from, observedMs, pauses);
  if (kept === undefined) return { rule, from, until, observedMs, answered: 0, passed: [] };
  return { ...kept, observedMs, rule, until, passed: [...kept.passed] };
}

function judge(
  view: IssueView,
  record: RuleRecord,
  { at, judgement }: Extract<Step, { kind: 'judgement' }>,
  repairs: number,
): void {
  const { samples, limit } = judgement;
  const finding = judgeSamples({
    ...{ rule: record.rule, limit, samples, from: record.from, before: record.run },
    to: Math.min(at, record.until),
    now: at,
  });
  record.last = finding;
  record.run = finding.kind === 'ok' ? finding.run : undefined;
  if (finding.kind === 'ok') record.passed.push({ first: finding.first, last: finding.last });
  if (finding.kind === 'breach' && record.breach === undefined)
    record.breach = {
      finding,
      answer: answerOf(record.rule, record.answered, repairs, view),
      number: record.answered + 1,
    };
}
