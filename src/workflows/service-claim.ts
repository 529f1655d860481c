import {
  ApplicationFailure,
  CancellationScope,
  getExternalWorkflowHandle,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import { FAILURE, LOCK, lockIdOf } from '../domain/names';
import type { Issue } from '../domain/issue';
import type { Conflict } from '../domain/release-claim';
import type { ReleaseRequest } from '../domain/release';
import type { ServiceChain } from '../domain/service-chain';
import type { StepOutcome } from '../domain/step-result';
import type { VersionCheck } from '../domain/version-check';
import { conflictText } from '../steps/claims/claim-conflicts';
import { activities } from './activity-options';

type Verified = { request: ReleaseRequest; outcome: StepOutcome<VersionCheck> };
export type Claim = ReturnType<typeof createClaim>;

/** A verdict on the release, with the VersionCheck that an orchestrator reads; never retried. */
export const refused = (type: string, reason: string, result: VersionCheck): ApplicationFailure =>
  ApplicationFailure.create({
    type,
    message: reason || result.summary,
    nonRetryable: true,
    details: [result],
    category: 'BENIGN',
  });

/** The claim of this run on its service: taken once, ended with the run unless an executor goes on with it. */
export function createClaim() {
  let claimed: string | undefined;
  // The same before and after a reset; a later run of the same release has another one.
  const { originalExecutionRunId: runId, workflowId, taskQueue } = workflowInfo();
  return {
    /** Fails as refused if something blocks the release; with an override, returns what blocked it. */
    async take({ request, outcome }: Verified): Promise<Conflict[]> {
      const { service, version, executor, delivery, override, dry_run: dryRun } = request;
      if (!dryRun) claimed = service;
      const conflicts = await activities.claimRelease.executeWithOptions(
        { summary: dryRun ? `is ${service} free?` : `claims ${service}` },
        [
          {
            ...{ service, version, executor, delivery, override, dryRun, runId },
            hosts: outcome.result.details.hosts.total,
          },
        ],
      );
      if (override === undefined) refuseOver(conflicts, outcome.result);
      return conflicts;
    },
    handOver: () => (claimed = undefined),
    /** Whether there was a claim to end. */
    async end(): Promise<boolean> {
      if (claimed === undefined) return false;
      const lock = getExternalWorkflowHandle(lockIdOf(taskQueue, claimed));
      claimed = undefined;
      // A lock that has ended, or belongs to another run, needs no release.
      await CancellationScope.nonCancellable(() =>
        lock.signal(LOCK.end, { workflow_id: workflowId, run_id: runId }),
      ).catch((error: unknown) => log.debug('the lock had ended', { error: String(error) }));
      return true;
    },
  };
}

/** Neighbours that are being released: a refusal, or with an override what it overrides. */
export async function neighbours(
  { request, outcome }: Verified,
  chain: ServiceChain | null,
): Promise<Conflict[]> {
  if (chain === null || chain.upstream.length + chain.downstream.length === 0) return [];
  const { service, override } = request;
  const { upstream, downstream } = chain;
  const conflicts = await activities.checkNeighbours.executeWithOptions(
    { summary: 'releases in progress up and down the chain' },
    [{ service, hosts: outcome.result.details.hosts.total, chain: { upstream, downstream } }],
  );
  if (override === undefined) refuseOver(conflicts, outcome.result);
  return conflicts;
}

/** The second check, just before delivery. */
export async function confirm({ request, outcome }: Verified, issue: Issue): Promise<void> {
  const { service, version, hosts: requested, executor, delivery, override } = request;
  const { changes, conflicts } = await activities.confirmRelease.executeWithOptions(
    { summary: 'hosts, neighbours and freezes once more' },
    [
      {
        ...{ service, version, requested, executor, delivery, override },
        issueId: issue.issue_id,
        runId: workflowInfo().originalExecutionRunId,
      },
    ],
  );
  if (changes.length > 0) {
    const reason = `the plan no longer fits the hosts: ${changes.join('; ')}`;
    throw refused(FAILURE.planOutdated, reason, conflicting(outcome.result, reason));
  }
  refuseOver(conflicts, outcome.result);
}

const TYPE_OF: Record<Conflict['kind'], string> = {
  release_in_progress: FAILURE.releaseInProgress,
  neighbour_releasing: FAILURE.neighbourReleasing,
  freeze: FAILURE.releaseFrozen,
};

function refuseOver(conflicts: readonly Conflict[], result: VersionCheck): void {
  const [first] = conflicts;
  if (first === undefined) return;
  const reason = conflictText(conflicts);
  throw refused(TYPE_OF[first.kind], reason, conflicting(result, reason));
}

const conflicting = (result: VersionCheck, reason: string): VersionCheck => ({
  ...result,
  status: 'failed',
  summary: reason,
  details: { ...result.details, has_conflict: true, conflict_reason: reason },
});
