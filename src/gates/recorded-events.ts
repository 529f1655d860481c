import type { IssueStore } from '../adapters/issue-store/issue-store';
import type { Event } from '../guard/guard';

/** The recorded approvals of an issue until a time, as events for the guard's state. */
export async function approvalEvents(
  store: Pick<IssueStore, 'approvals'>,
  issueId: string,
  onForeign: (reason: string) => void,
): Promise<Extract<Event, { type: 'approve' }>[]> {
  const approvals = await store.approvals(issueId, onForeign);
  return approvals.map(({ by, at, digest }) => ({ type: 'approve', by, at, digest }));
}
