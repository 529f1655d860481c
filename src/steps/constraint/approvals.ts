import type { IssueDraft } from '../../domain/issue';
import type { RolloutDocument } from '../../domain/knowledge/rollout-document';

type Approvals = NonNullable<IssueDraft['approvals']>;

/**
 * How many people must approve the issue, and why. Two different people are never both the one who asked: where the
 * policy asks for somebody else and the one who asked is not known, two must approve.
 */
export function approvalsOf(
  { id, approvals, prevent_self_approval: prevents }: RolloutDocument,
  requestedBy: string | undefined,
): Approvals {
  if (approvals === 0) return { required: 0, reason: `policy ${id} asks for none` };
  const asks = `policy ${id} asks for ${approvals}`;
  if (!prevents) return { required: approvals, reason: asks };
  if (requestedBy === undefined)
    return {
      required: 2,
      reason: `${asks}, by somebody else than who asked for the release; who asked is not known, so two must approve`,
    };
  return {
    required: approvals,
    reason: `${asks}, and ${requestedBy}, who asked for the release, may not be the only one`,
    requested_by: requestedBy,
  };
}

/** The policy of the plan is gone from the knowledge base: what it asked for is not known. */
export const unknownPolicyApprovals = (id: string): Approvals => ({
  required: 1,
  reason: `policy ${id} of the plan is not in the knowledge base any more`,
});
