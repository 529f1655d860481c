import { ApplicationFailure } from '@temporalio/workflow';
import { FAILURE } from '../domain/names';
import type { Conflict } from '../domain/release-claim';
import type { VersionCheck } from '../domain/version-check';
import { conflictText } from '../steps/claims/claim-conflicts';

/** A verdict on the release, with the VersionCheck that an orchestrator reads; never retried. */
export const refused = (type: string, reason: string, result: VersionCheck): ApplicationFailure =>
  ApplicationFailure.create({
    type,
    message: reason || result.summary,
    nonRetryable: true,
    details: [result],
    category: 'BENIGN',
  });

const TYPE_OF: Record<Conflict['kind'], string> = {
  release_in_progress: FAILURE.releaseInProgress,
  neighbour_releasing: FAILURE.neighbourReleasing,
  freeze: FAILURE.releaseFrozen,
};

/** Refuses the release if anything conflicts with it, with the failure type of the first conflict. */
export function refuseOver(conflicts: readonly Conflict[], result: VersionCheck): void {
  const [first] = conflicts;
  if (first === undefined) return;
  const reason = conflictText(conflicts);
  throw refused(TYPE_OF[first.kind], reason, conflicting(result, reason));
}

/** The VersionCheck of a release that is refused for a reason that was found after it. */
export const conflicting = (result: VersionCheck, reason: string): VersionCheck => ({
  ...result,
  status: 'failed',
  summary: reason,
  details: { ...result.details, has_conflict: true, conflict_reason: reason },
});
