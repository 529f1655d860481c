import type { IssueStore } from '../adapters/issue-store/issue-store';
import { createGuard, stateOf, type GuardedIssue } from '../guard/guard';
import type { Verdict } from '../guard/verdict';
import { approvalEvents } from './recorded-events';

/** The guard's verdict with the recorded approvals. Throws TypeError when an event cannot be read. */
export async function checkAction(
  store: Pick<IssueStore, 'approvals'>,
  issue: GuardedIssue,
  { action, events, now }: { action: unknown; events: readonly unknown[]; now: Date },
  onForeign: (reason: string) => void,
): Promise<Verdict> {
  const approvals = await approvalEvents(store, issue.issue_id, onForeign);
  return createGuard(issue).check(stateOf([...events, ...approvals]), action, now);
}
