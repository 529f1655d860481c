import { recordsOf, type RuleRecord } from './breaches';
import { EDGE_MS } from './check-promote';
import type { RuleFindings, Span } from './finding';
import { viewOf, type GuardedIssue } from './issue-view';
import type { BatchState, State } from './state';

/**
 * The same state without samples: of the batch that is observed it keeps what they came to, of promoted batches
 * nothing. The guard answers the same to whatever happens later. A release of days stays small this way.
 */
export function withoutSamples(issue: GuardedIssue, state: State): State {
  const view = viewOf(issue);
  const { pauses } = state;
  const continues = pauses.filter(({ to }) => to !== undefined).length;
  const batches = state.batches.map((batch): BatchState => {
    if (batch.promotedAt !== undefined) return { ...batch, judgements: [], judged: undefined };
    if (batch.judgements.length === 0) return batch;
    const records = Object.create(null) as Record<string, RuleFindings>;
    for (const [id, record] of recordsOf(view, state, batch)) records[id] = kept(record);
    const judged = { records, repairs: batch.repairs.length, continues };
    return { ...batch, judgements: [], judged };
  });
  return { ...state, batches };
}

function kept(record: RuleRecord): RuleFindings {
  const { from, observedMs, answered, breach, last, passed, run, again } = record;
  return { from, observedMs, answered, breach, last, passed: joined(passed), run, again };
}

/** Spans that a check of the observation reads as one. */
function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const { first, last } of [...spans].sort((a, b) => a.first - b.first)) {
    const before = all[all.length - 1];
    if (before !== undefined && first <= before.last + EDGE_MS)
      before.last = Math.max(before.last, last);
    else all.push({ first, last });
  }
  return all;
}
