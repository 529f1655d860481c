import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import { FAILURE } from '../../domain/names';
import type { Outcome } from '../../domain/records/outcome';
import type { ReleaseRecord } from '../../steps/execution/release-record';
import { answerBreach } from './answer-breach';
import { arrival } from './arrival';
import { conclude } from './conclude';
import { deployBatch } from './deploy-batch';
import { observeBatch } from './observe-batch';
import { createRelease, type Release } from './release';
import { answerMessages } from './release-messages';
import { rollBack } from './roll-back';
import { show } from './show';
import { finish, promote } from './promote';
import { waitFor } from './waits';

/** The state of a release between two runs of this workflow. */
export type CarriedRelease = ReleaseRecord;

/**
 * Carries a release out by its issue: issue → approval → for each batch: hosts and freezes looked at once more, deploy,
 * observe, answer breaches, promote → finish → outcome → end of the claim. What comes next is the guard's to say;
 * what changes hosts passes it a second time where the request is sent. Result: the outcome, or null where no release
 * was begun.
 */
export async function ReleaseExecutorWorkflow(carried?: CarriedRelease): Promise<Outcome | null> {
  let release = continued(carried);
  const messages = answerMessages(() => release);
  if (release !== undefined) messages.took(release.issue.digest);
  try {
    for (;;) {
      // A newer revision that comes before anything was deployed takes the place of the one that waits.
      const isBegun = release !== undefined && release.record.state.batches.length > 0;
      if (release === undefined || (messages.hasDelivery() && !isBegun))
        release = await arrival(messages, release);
      if (release === undefined) return null;
      if ((await carryOut(release, messages.hasDelivery)) === 'over') break;
    }
  } catch (error) {
    if (!isCancellation(error) || release === undefined) throw error;
    await cancelled(release);
  }
  const ended = release;
  return CancellationScope.nonCancellable(() => conclude(ended));
}

/** Only an earlier run of this workflow passes a record on. One from whoever starts the workflow would pass no check. */
function continued(carried: CarriedRelease | undefined): Release | undefined {
  if (carried === undefined || carried === null) return undefined;
  if (workflowInfo().continuedFromExecutionRunId === undefined)
    throw ApplicationFailure.nonRetryable(
      'start the executor without an argument, and send the issue by the signal releaseIssue',
      FAILURE.invalidInput,
    );
  return createRelease(carried, carried.issue, 0);
}

/** `replaced`: another issue waits, and nothing was deployed by this one. */
async function carryOut(release: Release, isReplaced: () => boolean): Promise<'over' | 'replaced'> {
  for (;;) {
    show(release);
    await release.tick();
    await goOnInNewRun(release);
    if (isReplaced() && release.record.state.batches.length === 0) return 'replaced';
    const next = release.next();
    switch (next.do) {
      case 'wait':
        if ((await waitFor(release, next, isReplaced)) === 'over') return 'over';
        break;
      case 'deploy':
        await deployBatch(release, next);
        break;
      case 'observe':
      case 'judge':
        await observeBatch(release);
        break;
      case 'answer':
        await answerBreach(release, next);
        break;
      case 'promote':
        promote(release, next.batch_id);
        break;
      case 'finish':
        finish(release);
        break;
      case 'nothing':
        if (release.record.aborted?.rollback) await rollBack(release);
        return 'over';
    }
  }
}

/** Whoever cancels the workflow gets what they mean: hosts as they were before. */
async function cancelled(release: Release): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    await release.tick();
    release.act({ type: 'abort' }, 'the workflow was cancelled', 'cancellation');
    release.record.aborted ??= {
      ...{ by: 'cancellation', reason: 'the workflow was cancelled', rollback: true },
    };
    await rollBack(release);
  });
}

/** A history of days becomes slow to replay; the record goes on in a new run, rollback targets with it. */
async function goOnInNewRun({ record, telling }: Release): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested) return;
  await telling;
  await condition(allHandlersFinished);
  await continueAsNew<typeof ReleaseExecutorWorkflow>(record);
}

/** A release ends on the version of the workers that it began on; a run that follows may take a newer one. */
setWorkflowOptions(
  () =>
    workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'PINNED' } : {},
  ReleaseExecutorWorkflow,
);
