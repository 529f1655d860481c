import { approversOf, personOf, type Approval } from '../../guard/approvals';
import type { GuardedIssue } from '../../guard/issue-view';
import { millisecondsOf } from '../../guard/time';
import { ALLOWED, refuse, type Verdict } from '../../guard/verdict';

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
