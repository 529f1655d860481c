import type { Action } from './action';
import type { RuleRecord } from './breaches';
import { currentRecords, noSuchBatch, noSuchRule, observedBatch, type Context } from './context';
import type { Span } from './finding';
import {
  BATCHES_POINTER,
  METRICS_POINTER,
  type GuardedBatch,
  type GuardedRule,
} from './issue-view';
import { judgeSamples } from './judge';
import { observedUntil } from './observation';
import type { State } from './state';
import { durationText } from './time';
import { ALLOWED, refuse, type Refusal, type Verdict } from './verdict';

/** The part of an observation whose samples may be missing at its begin or end: a scrape, and a sampling. */
export const EDGE_MS = 60_000;
/** Where the look-back of a rule is longer than the observation, so much is sampled after it. */
const SHORTEST_JUDGED_MS = 30_000;

/** A promotion: of the batch that was deployed last, after its observation, with every gating rule judged. */
export function checkPromote(
  context: Context,
  { batch_id: id }: Extract<Action, { type: 'promote' }>,
): Verdict {
  const { view, state, now } = context;
  const plan = view.batchById.get(id);
  if (!plan) return noSuchBatch(id);
  const batch = observedBatch(state);
  if (batch?.batch_id !== id) return notObserved(state, plan);
  const records = currentRecords(context);
  const gating = records.filter(({ rule }) => rule.gates);
  for (const { rule, breach } of gating)
    if (breach)
      return refuse(
        'Breached',
        rule.limitPointer,
        `Rule ${rule.rule_id} is broken; the issue answers with ${breach.answer.action}.`,
      );
  const until = observationEnd(records);
  if (!(now >= until))
    return refuse(
      'ObservationNotOver',
      `${plan.pointer}/observation_time`,
      `Batch ${id} is observed for ${durationText(until - now)} more.`,
    );
  // Without a rule that gates, only a person can say that the batch is well: by a pause that ends after the deploy.
  if (gating.length === 0 && !state.pauses.some(({ to = NaN }) => to >= batch.deployedAt))
    return refuse(
      'NotJudged',
      METRICS_POINTER,
      'No rule gates; a person has to pause and continue.',
    );
  for (const record of gating) {
    const missing = notJudged(record, state.pauses);
    if (missing) return missing;
  }
  return ALLOWED;
}

/** When all rules of a batch have been observed, those that gate nothing included. */
export const observationEnd = (records: readonly RuleRecord[]): number =>
  Math.max(...records.map(({ until }) => until));

function notObserved({ batches }: State, { batch_id: id, pointer }: GuardedBatch): Refusal {
  const found = batches.find(({ batch_id }) => batch_id === id);
  if (!found) return refuse('OutOfOrder', pointer, `Batch ${id} was not deployed yet.`);
  return found.promotedAt !== undefined
    ? refuse('Replayed', pointer, `Batch ${id} was promoted already.`)
    : refuse('WrongBatch', pointer, `Batch ${id} is not the last one deployed.`);
}

/**
 * Why a gating rule does not let a batch pass: no judgement, no data, or not all of the observation. What lies within a
 * pause is not observed. Where a person let the release go on although data were missing, the rule is observed anew.
 * A comparison with other hosts is needed only after it was broken: where no host is left to compare with, there is none.
 */
export function notJudged(record: RuleRecord, pauses: State['pauses']): Refusal | undefined {
  const { rule, last, from, until, again, observedMs, answered } = record;
  if (rule.isComparison && answered === 0) return undefined;
  if (last?.kind === 'no_data') return noDataOf(rule, last.reason);
  const missing = (when: string) =>
    refuse('NotJudged', rule.pointer, `Rule ${rule.rule_id} was not judged ${when}.`);
  if (!last) return missing('since the deploy or repair');
  const paused = pauses.flatMap(({ from: first, to }) =>
    to === undefined ? [] : [{ first, last: to }],
  );
  const isWhole =
    isCovered(record, paused, from, until) ||
    (again !== undefined &&
      isCovered(record, paused, again, observedUntil(again, observedMs, pauses)));
  return isWhole ? undefined : missing('throughout');
}

/** Whether the samples that passed, and pauses, reach from the first that can be judged to the end. */
function isCovered(
  { rule, passed }: RuleRecord,
  paused: readonly Span[],
  from: number,
  until: number,
): boolean {
  if (passed.length === 0) return false;
  const begin = from + rule.lookBackMs;
  const end = Math.max(until, begin + SHORTEST_JUDGED_MS);
  let covered = begin + EDGE_MS;
  for (const { first, last } of [...passed, ...paused].sort((a, b) => a.first - b.first)) {
    if (first > covered) break;
    covered = Math.max(covered, last + EDGE_MS);
  }
  return covered >= end;
}

const noDataOf = ({ pointer, rule_id }: GuardedRule, reason: string): Refusal =>
  refuse('NoData', pointer, `Rule ${rule_id} has no data: ${reason}.`);

/** A judgement: of samples of the current batch, with a rule of the issue. */
export function checkJudge(
  context: Context,
  { rule_id: id, batch_id: batchId, samples }: Extract<Action, { type: 'judge' }>,
): Verdict {
  const { view, state, now } = context;
  if (!view.rules.has(id)) return noSuchRule(id);
  if (observedBatch(state)?.batch_id !== batchId)
    return refuse('WrongBatch', BATCHES_POINTER, `Batch ${batchId} is not observed.`);
  const record = currentRecords(context).find(({ rule }) => rule.rule_id === id);
  if (!record)
    return refuse(
      'NoSuchRule',
      view.rules.get(id)?.pointer ?? METRICS_POINTER,
      `The issue does not compare batch ${batchId} with other hosts by rule ${id}.`,
    );
  const { rule } = record;
  const finding = judgeSamples({
    ...{ rule, limit: state.limits[id], samples },
    ...{ from: record.from, to: Math.min(now, record.until), now, before: record.run },
  });
  switch (finding.kind) {
    case 'ok':
      return ALLOWED;
    case 'no_data':
      return noDataOf(rule, finding.reason);
    case 'breach':
      return refuse(
        'Breached',
        rule.limitPointer,
        `Rule ${id} was ${Number(finding.value.toPrecision(6))} at ${new Date(finding.at).toISOString()}, ` +
          `beyond ${finding.limit} for ${finding.forMs / 1000} s.`,
      );
  }
}
