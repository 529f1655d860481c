import type { GuardedIssue } from '../issue-view';
import { personOf } from './person';
import { ALLOWED, refuse, type Verdict } from '../verdict';

export type Approval = { by: string; digest: string; at: number };

/** People who have approved this very document by now: an approval of later is no more than a wrong clock. */
export function approversOf(
  { digest }: GuardedIssue,
  approvals: readonly Approval[],
  now: number,
): string[] {
  const people = new Map<string, string>();
  for (const { by, digest: of, at } of approvals) {
    const person = personOf(by);
    if (of === digest && at <= now && person !== '') people.set(person, people.get(person) ?? by);
  }
  return [...people.values()];
}

/** Whether the approvals that the issue asks for are there. */
export function checkApproved(
  issue: GuardedIssue,
  approvals: readonly Approval[],
  now: number,
): Verdict {
  const required = issue.approvals?.required ?? 0;
  const people = approversOf(issue, approvals, now);
  if (people.length < required)
    return refuse(
      'NotApproved',
      '/approvals/required',
      `${people.length} of ${required} approvals are given.`,
    );
  const starter = issue.approvals?.requested_by;
  if (
    required > 0 &&
    starter !== undefined &&
    people.every((by) => personOf(by) === personOf(starter))
  )
    return refuse(
      'NotApproved',
      '/approvals/requested_by',
      `${starter} asked for the release; somebody else has to approve it too.`,
    );
  return ALLOWED;
}
