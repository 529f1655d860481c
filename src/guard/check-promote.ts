import type { Action } from './action';
import type { RuleRecord } from './breaches';
import { recordsOf } from './breaches';
import {
  begunByAnother,
  currentBatch,
  endedIn,
  expiredIn,
  firstOf,
  noSuchBatch,
  noSuchRule,
  pausedIn,
  type Context,
} from './context';
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
  action: Extract<Action, { type: 'promote' }>,
): Verdict {
  const { view, state, now } = context;
  const refusal = firstOf(context, begunByAnother, endedIn, expiredIn, pausedIn);
  if (refusal !== undefined) return refusal;
  const plan = view.batchById.get(action.batch_id);
  if (plan === undefined) return noSuchBatch(action.batch_id);
  const wrong = notCurrent(context, plan);
  if (wrong !== undefined) return wrong;
  const batch = currentBatch(state);
  if (batch === undefined) return refuse('OutOfOrder', plan.pointer, 'Nothing was deployed yet.');
  const records = recordsOf(view, state, batch);
  const unjudged = [...records.values()].filter(({ rule }) => rule.gates);
  const breached = unjudged.find(({ breach }) => breach !== undefined);
  if (breached !== undefined) return breachOf(breached);
  const until = observationEnd(records);
  if (!(now >= until))
    return refuse(
      'ObservationNotOver',
      `${plan.pointer}/observation_time`,
      `Batch ${batch.batch_id} is observed for ${durationText(until - now)} more.`,
    );
  // Without a rule that gates, only a person can say that the batch is well: by a pause that ends after the deploy.
  if (unjudged.length === 0 && !state.pauses.some(({ to = NaN }) => to >= batch.deployedAt))
    return refuse(
      'NotJudged',
      METRICS_POINTER,
      'No rule gates; a person has to pause and continue.',
    );
  for (const record of unjudged) {
    const missing = notJudged(record, state.pauses);
    if (missing !== undefined) return missing;
  }
  return ALLOWED;
}

/** When all rules of a batch have been observed, those that gate nothing included. */
export const observationEnd = (records: ReadonlyMap<string, RuleRecord>): number =>
  [...records.values()].reduce((end, { until }) => Math.max(end, until), -Infinity);

function notCurrent({ state }: Context, plan: GuardedBatch): Refusal | undefined {
  const id = plan.batch_id;
  const found = state.batches.find(({ batch_id }) => batch_id === id);
  if (found === undefined)
    return refuse('OutOfOrder', plan.pointer, `Batch ${id} was not deployed yet.`);
  if (found.promotedAt !== undefined)
    return refuse('Replayed', plan.pointer, `Batch ${id} was promoted already.`);
  if (currentBatch(state) !== found)
    return refuse('WrongBatch', plan.pointer, `Batch ${id} is not the last one deployed.`);
  return undefined;
}

const breachOf = ({ rule, breach }: RuleRecord): Refusal =>
  refuse(
    'Breached',
    `${rule.pointer}/threshold`,
    `Rule ${rule.rule_id} is broken; the issue answers with ${breach?.answer.action}.`,
  );

/**
 * Why a gating rule does not let a batch pass: no judgement, no data, or not all of the observation. What lies within a
 * pause is not observed. Where a person let the release go on although data were missing, the rule is observed anew.
 */
export function notJudged(record: RuleRecord, pauses: State['pauses']): Refusal | undefined {
  const { rule, last, from, until, again, observedMs } = record;
  const { pointer, rule_id: id } = rule;
  if (last === undefined)
    return refuse('NotJudged', pointer, `Rule ${id} was not judged since the deploy or repair.`);
  if (last.kind === 'no_data') return noDataOf(rule, last.reason);
  const paused = pauses.flatMap(({ from: first, to }) =>
    to === undefined ? [] : [{ first, last: to }],
  );
  const anew = again === undefined ? NaN : observedUntil(again, observedMs, pauses);
  const throughout =
    isCovered(record, paused, from, until) ||
    (again !== undefined && isCovered(record, paused, again, anew));
  return throughout
    ? undefined
    : refuse('NotJudged', pointer, `Rule ${id} was not judged throughout.`);
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
export function checkJudge(context: Context, action: Extract<Action, { type: 'judge' }>): Verdict {
  const { view, state, now } = context;
  const refusal = firstOf(context, endedIn, expiredIn);
  if (refusal !== undefined) return refusal;
  const rule = view.rules.get(action.rule_id);
  if (rule === undefined) return noSuchRule(action.rule_id);
  const batch = currentBatch(state);
  if (batch === undefined || batch.batch_id !== action.batch_id || batch.promotedAt !== undefined)
    return refuse('WrongBatch', BATCHES_POINTER, `Batch ${action.batch_id} is not observed.`);
  const record = recordsOf(view, state, batch).get(rule.rule_id);
  if (record === undefined) return noSuchRule(rule.rule_id);
  const finding = judgeSamples({
    ...{ rule, limit: state.limits[rule.rule_id], samples: action.samples },
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
        `${rule.pointer}/threshold`,
        `Rule ${rule.rule_id} was ${finding.value} at ${new Date(finding.at).toISOString()}, ` +
          `beyond ${finding.limit} for ${finding.forMs / 1000} s.`,
      );
  }
}
