import {
  CancellationScope,
  getExternalWorkflowHandle,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import { LOCK, lockIdOf } from '../domain/names';
import type { Conflict } from '../domain/release-claim';
import type { ReleaseRequest } from '../domain/release';
import type { StepOutcome } from '../domain/step-result';
import type { VersionCheck } from '../domain/version-check';
import { activities } from './activity-options';
import { refuseOver } from './refusals';

export type VerifiedRelease = { request: ReleaseRequest; outcome: StepOutcome<VersionCheck> };
export type Claim = ReturnType<typeof createClaim>;

/** The claim of this run on its service: taken once, ended with the run unless an executor goes on with it. */
export function createClaim() {
  let claimed: string | undefined;
  // The same before and after a reset; a later run of the same release has another one.
  const { originalExecutionRunId: runId, workflowId, taskQueue } = workflowInfo();
  return {
    /** Fails as refused if something blocks the release; with an override, returns what blocked it. */
    async take({ request, outcome }: VerifiedRelease): Promise<Conflict[]> {
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
