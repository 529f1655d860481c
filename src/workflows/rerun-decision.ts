import { ApplicationFailure, isCancellation, patched } from '@temporalio/workflow';
import { FAILURE, REFUSALS } from '../domain/names';
import type { Claim } from './service-claim';
import type { Outcomes } from './step-outcomes';
import type { ProgressTracker } from './progress-tracker';
import { createResetDetection } from './reset-detection';
import { failedSteps } from './step-failure';
import { createRetryWait, RETRY_WAIT_LIMIT } from './wait-for-retry';

/** Runs that failed before this patch end as they did then. */
const PATCH = 'go-on-after-reset';

/** Compares the plan with the current hosts, so it must run again after a failure. */
const CHECKS_AGAIN = 'confirmRelease';

/**
 * These failures end a run even with `on_failure: "wait"`: a refusal is an answer, and a preparation over the limit
 * must not wait, because a waiting run counts towards the limit.
 */
const ENDS_AT_ONCE: readonly string[] = [...REFUSALS, FAILURE.tooManyPreparations];

type End = { failure: unknown };

/**
 * Decides whether a run whose step failed for good ends, or runs the flow again, in which only what failed is executed.
 * It is called when all branches have ended, so that every outcome is in history before the workflow task that decides.
 * That task is the last one of a failed run: a reset to it (`release-prep resume`, or the Web UI's own reset) decides
 * again, and finds that the run was reset.
 */
export function createRerunDecision(
  input: unknown,
  { outcomes, progress, claim }: { outcomes: Outcomes; progress: ProgressTracker; claim: Claim },
) {
  const waiting = createRetryWait(outcomes, progress);
  const wasReset = createResetDetection();

  /** After a reset, everything that failed runs again. */
  function retryAll(): true {
    for (const name of [...outcomes.failures().keys()]) outcomes.forget(name);
    return true;
  }

  /** The claim ends with the run; a run that goes on claims again. */
  async function endClaim(): Promise<void> {
    if (await claim.end()) outcomes.forget('claimRelease');
  }

  async function runsAgain(waits: boolean): Promise<boolean> {
    if (waits && (await wasReset())) return retryAll();
    if (waits && (await waiting.untilRetry(failedSteps(outcomes.failures())))) return true;
    await endClaim();
    return (await wasReset()) && retryAll();
  }

  /** The failure that ends the run; null: the flow runs again. */
  return async function endAfter(failure: unknown): Promise<End | null> {
    if (!(failure instanceof ApplicationFailure) || failure.type === FAILURE.invalidInput)
      return { failure };
    if (!patched(PATCH)) return { failure };
    const waits = waitsOnFailure(input) && !ENDS_AT_ONCE.includes(failure.type ?? '');
    outcomes.forget(CHECKS_AGAIN);
    try {
      if (await runsAgain(waits)) return null;
    } catch (error) {
      if (isCancellation(error)) return { failure: error };
      throw error;
    }
    return { failure: waits ? notRetried(failure) : failure };
  };
}

/** Read without zod and before the input is parsed, since the parsing activity may be what failed. */
const waitsOnFailure = (input: unknown): boolean =>
  (input as { on_failure?: unknown } | null | undefined)?.on_failure === 'wait';

const notRetried = (failure: ApplicationFailure): ApplicationFailure =>
  ApplicationFailure.create({
    type: failure.type ?? undefined,
    message: `${failure.message}; the run waited ${RETRY_WAIT_LIMIT} for a retry`,
    nonRetryable: true,
    details: failure.details ?? [],
    cause: failure,
  });
