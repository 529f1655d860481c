import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import { FAILURE, STEP_OF_ACTIVITY, type FailureType } from '../domain/names';
import type { FailedStep } from '../domain/progress';

/** The failure type of each activity that Temporal's own time-out ended before it answered. */
const FAILURE_OF_ACTIVITY: Readonly<Record<string, FailureType>> = {
  verifyVersion: FAILURE.releaseSystem,
  claimRelease: FAILURE.releaseLock,
  checkNeighbours: FAILURE.releaseLock,
  confirmRelease: FAILURE.releaseSystem,
  planGrayStrategy: FAILURE.releaseSystem,
  traceServiceChain: FAILURE.elasticsearch,
  shortlistMetrics: FAILURE.prometheus,
  setThresholds: FAILURE.prometheus,
  recordIssue: FAILURE.issueStore,
  deliverIssue: FAILURE.executor,
};

/** A failed activity → the typed failure that ends the run; cancellation stays cancellation. */
export function stepFailure(error: unknown): unknown {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) return error;
  const { cause, activityType } = error;
  if (cause instanceof ApplicationFailure) {
    return ApplicationFailure.create({
      type: cause.type ?? FAILURE.internal,
      message: `${activityType}: ${cause.message}`,
      nonRetryable: true,
      details: cause.details ?? [],
      cause: error,
    });
  }
  const reason = cause instanceof TimeoutFailure ? 'no answer in time' : error.message;
  return ApplicationFailure.create({
    type: FAILURE_OF_ACTIVITY[activityType] ?? FAILURE.internal,
    message: `${activityType}: ${cause?.message || reason}`,
    nonRetryable: true,
    cause: error,
  });
}

/** One line for a warning. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

/** What failed, for people: each step with its failure's type and text. */
export const failedSteps = (failures: ReadonlyMap<string, unknown>): FailedStep[] =>
  [...failures].map(([activity, error]) => {
    const failure = stepFailure(error);
    const type = failure instanceof ApplicationFailure ? failure.type : undefined;
    const step = STEP_OF_ACTIVITY[activity];
    return {
      activity,
      ...(step !== undefined && { step }),
      type: type ?? FAILURE.internal,
      message: reasonOf(error),
    };
  });
