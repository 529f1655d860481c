import { log } from '@temporalio/activity';
import type { Outcome } from '../../domain/records/outcome';
import type { Deps } from '../runtime/activity-deps';

/** Approvals that are stored with the issue. */
export async function readApprovals(
  { issueStore }: Pick<Deps, 'issueStore'>,
  { issue_id: id }: { issue_id: string },
): Promise<{ by: string; digest: string; at: string }[]> {
  const approvals = await issueStore.approvals(id, (reason) => {
    log.warn('an approval does not count', { issue_id: id, reason });
  });
  return approvals.map(({ by, digest, at }) => ({ by, digest, at }));
}

/** Keeps the outcome with the issue; a retry finds its own. */
export const recordOutcome = (
  { issueStore }: Pick<Deps, 'issueStore'>,
  outcome: Outcome,
): Promise<void> => issueStore.recordOutcome(outcome);

/** Frees the service: the release has ended. */
export const endClaim = (
  { releaseLock }: Pick<Deps, 'releaseLock'>,
  { service, workflow_id: workflowId }: { service: string; workflow_id: string },
): Promise<void> => releaseLock.end(service, workflowId);
