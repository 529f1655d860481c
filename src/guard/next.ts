import { checkApproved } from './approvals/approvals';
import { notJudged, observationEnd } from './check-promote';
import type { Answer } from './issue-view';
import { currentRecords, freezeIn, frozenIn, observedBatch, type Context } from './context';
import { isPaused, type BatchState } from './state';

/** What the issue wants next. `until` is RFC 3339. */
export type Next =
  | { do: 'nothing'; reason: string }
  | {
      do: 'wait';
      for: 'approval' | 'continue' | 'time' | 'new_revision';
      reason: string;
      until?: string;
    }
  | { do: 'deploy'; batch_id: number; host_ids: string[]; version: string }
  | { do: 'observe'; batch_id: number; until: string; rule_ids: string[] }
  | { do: 'judge'; batch_id: number; rule_ids: string[] }
  | { do: 'answer'; batch_id: number; rule_id: string; answer: Answer; host_ids: string[] }
  | { do: 'promote'; batch_id: number }
  | { do: 'finish' };

/** The next action of the release, by the issue and what has happened. */
export function nextIn(context: Context): Next {
  const { view, state, now } = context;
  if (state.ended) return { do: 'nothing', reason: `the release was ${state.ended.how}` };
  if (state.rolledBackAt !== undefined)
    return { do: 'nothing', reason: 'the release was rolled back' };
  if (isPaused(state)) return { do: 'wait', for: 'continue', reason: 'the release is paused' };
  const batch = observedBatch(state);
  if (batch) return inBatch(context, batch);
  const plan = view.batches[state.batches.length];
  if (!plan) return { do: 'finish' };
  if (!(now < view.expiresAt))
    return {
      do: 'wait',
      for: 'new_revision',
      reason: `the issue expired at ${view.issue.expires_at}`,
    };
  const approved = checkApproved(view.issue, state.approvals, now);
  if (!approved.allowed) return { do: 'wait', for: 'approval', reason: approved.message };
  if (frozenIn(context)) {
    const freeze = freezeIn(context);
    const until = Math.max(view.notBefore, freeze?.until ?? -Infinity);
    return {
      do: 'wait',
      for: 'time',
      reason: freeze?.reason || 'too early',
      ...(Number.isFinite(until) && { until: new Date(until).toISOString() }),
    };
  }
  const { batch_id, hosts } = plan;
  return { do: 'deploy', batch_id, host_ids: [...hosts], version: view.issue.candidate };
}

function inBatch(context: Context, { batch_id, hosts }: BatchState): Next {
  const { state, now } = context;
  const records = currentRecords(context);
  const gating = records.filter(({ rule }) => rule.gates);
  for (const { rule, breach } of gating) {
    if (!breach) continue;
    const { answer } = breach;
    const host_ids = [...(answer.hosts === 'batch' ? hosts : state.released)];
    return { do: 'answer', batch_id, rule_id: rule.rule_id, answer, host_ids };
  }
  const idsOf = (some: typeof gating) => some.map(({ rule }) => rule.rule_id);
  const end = observationEnd(records);
  if (!(now >= end))
    return {
      do: 'observe',
      batch_id,
      until: new Date(end).toISOString(),
      rule_ids: idsOf(gating.filter(({ rule }) => !rule.isComparison)),
    };
  const open = gating.filter((record) => notJudged(record, state.pauses));
  return open.length > 0
    ? { do: 'judge', batch_id, rule_ids: idsOf(open) }
    : { do: 'promote', batch_id };
}
