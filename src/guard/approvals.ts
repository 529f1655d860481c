import type { GuardedIssue } from './issue-view';
import { ALLOWED, refuse, type Verdict } from './verdict';
import { millisecondsOf } from './time';

export type Approval = { by: string; digest: string; at: number };

/** One person in two spellings is one person. */
const personOf = (by: string): string => by.trim().normalize('NFKC').toLowerCase();

/** People whose approval is bound to this very document. */
export function approversOf({ digest }: GuardedIssue, approvals: readonly Approval[]): string[] {
  const people = new Map<string, string>();
  for (const { by, digest: of } of approvals)
    if (of === digest && personOf(by) !== '' && !people.has(personOf(by)))
      people.set(personOf(by), by);
  return [...people.values()];
}

/** Whether the approvals that the issue asks for are there. */
export function checkApproved(issue: GuardedIssue, approvals: readonly Approval[]): Verdict {
  const required = issue.approvals?.required ?? 0;
  const people = approversOf(issue, approvals);
  if (people.length < required)
    return refuse(
      'NotApproved',
      '/approvals/required',
      `${people.length} of ${required} approvals of this issue are there.`,
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
      `${starter} asked for the release and may not be the only one to approve it.`,
    );
  return ALLOWED;
}

/** Whether one more approval counts: for this document, before it expires, not twice by one person. */
export function checkApproval(
  issue: GuardedIssue,
  approvals: readonly Approval[],
  approval: { by: string; digest: string },
  now: number,
): Verdict {
  if (approval.digest !== issue.digest)
    return refuse('WrongDigest', '/digest', 'The approval is for another document or revision.');
  if (!(now < millisecondsOf(issue.expires_at)))
    return refuse('Expired', '/expires_at', `The issue expired at ${issue.expires_at}.`);
  if (personOf(approval.by) === '')
    return refuse('NotApproved', '/approvals', 'An approval needs the name of who gives it.');
  const known = approversOf(issue, approvals).map(personOf);
  if (known.includes(personOf(approval.by)))
    return refuse('Replayed', '/approvals', `${approval.by} has approved this issue already.`);
  return ALLOWED;
}
