import type { IssueStore } from '../adapters/issue-store/issue-store';
import type { Approval } from '../domain/records/approval';
import type { Issue } from '../domain/issue';
import { approversOf, checkApproved } from '../guard/approvals/approvals';
import type { Refusal } from '../guard/verdict';
import { refuseApproval } from '../steps/constraint/refuse-approval';

/** An approval as somebody gives it. */
export type GivenApproval = Pick<Approval, 'by' | 'digest' | 'reason' | 'via'>;
export type Approved = {
  allowed: true;
  /** False when that person had approved before; the first approval stands. */
  recorded: boolean;
  approvers: string[];
  required: number;
  /** What is still missing before the first batch. */
  missing?: string;
};

/**
 * Records an approval beside the issue: bound to the digest, only before it expires, one a person. `by` is what the
 * caller says; who the caller is, is for those who let it in. Throws UpstreamError.
 */
export async function approve(
  store: Pick<IssueStore, 'recordApproval' | 'approvals'>,
  issue: Issue,
  given: GivenApproval,
  now: Date,
): Promise<Approved | Refusal> {
  const refusal = refuseApproval(issue, given.digest, now);
  if (refusal !== undefined) return refusal;
  const recorded = await store.recordApproval(issue.issue_id, { ...given, at: now.toISOString() });
  const approvals = pointsOf(await store.approvals(issue.issue_id));
  const verdict = checkApproved(issue, approvals, now.getTime());
  return {
    allowed: true,
    recorded,
    approvers: approversOf(issue, approvals, now.getTime()),
    required: issue.approvals?.required ?? 0,
    ...(!verdict.allowed && { missing: verdict.message }),
  };
}

const pointsOf = (approvals: readonly Approval[]) =>
  approvals.map(({ by, digest, at }) => ({ by, digest, at: Date.parse(at) }));
