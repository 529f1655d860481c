import { ApplicationFailure, isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import { FAILURE, REFUSALS } from '../domain/names';
import { currentRun } from './activity-options';
import type { Claim } from './service-claim';
import type { Outcomes } from './step-outcomes';
import { PARKED_LIMIT } from './retry-wait-limit';
import { createParking } from './wait-for-retry';
import type { ProgressTracker } from './progress-tracker';
import { failedSteps } from './step-failure';

/** Runs that failed before this patch end as they did then. */
const PATCH = 'go-on-after-reset';

/** Compares the plan with the current hosts, so it must run again after a failure. */
const LOOKED_AT_ANEW = 'confirmRelease';

/**
 * These failures end a run even with `on_failure: "wait"`: a refusal is an answer, and a preparation over the limit
 * must not wait, because a waiting run counts towards the limit.
 */
const ENDS_AT_ONCE: readonly string[] = [...REFUSALS, FAILURE.tooManyPreparations];

type End = { failure: unknown };

/**
 * Decides how a run continues whose step failed for good. It is called when all branches have ended, so that every
 * outcome is in history before the workflow task that decides. That task is the last one of a failed run: a
 * reset to it (`release-prep resume`, or the Web UI's own reset) asks for the run id once more, gets another id than
 * before, and runs the flow again; only what failed is executed.
 */
export function createRecovery(
  input: unknown,
  { outcomes, progress, claim }: { outcomes: Outcomes; progress: ProgressTracker; claim: Claim },
) {
  const parking = createParking(outcomes, progress);
  let knownRun = workflowInfo().originalExecutionRunId;

  /**
   * Whether the run id changed since the last failure. A reset to a point before any failure (of a cancelled run) looks
   * the same, so its first failure is tried once more.
   */
  async function wasReset(): Promise<boolean> {
    const run = await currentRun();
    const reset = run !== knownRun;
    knownRun = run;
    return reset;
  }

  function retryAll(): null {
    for (const name of [...outcomes.failures().keys()]) outcomes.forget(name);
    return null;
  }

  async function decide(failure: ApplicationFailure): Promise<End | null> {
    outcomes.forget(LOOKED_AT_ANEW);
    const parks = waitsOnFailure(input) && !ENDS_AT_ONCE.includes(failure.type ?? '');
    if (parks) {
      if (await wasReset()) return retryAll();
      if (await parking.park(failedSteps(outcomes.failures()))) return null;
    }
    // The claim ends with the run; a resumed run claims again.
    if (await claim.end()) outcomes.forget('claimRelease');
    if (await wasReset()) return retryAll();
    return { failure: parks ? notRetried(failure) : failure };
  }

  /** The failure that ends the run; null: the flow runs again. */
  return async function endAfter(failure: unknown): Promise<End | null> {
    if (!(failure instanceof ApplicationFailure) || failure.type === FAILURE.invalidInput)
      return { failure };
    if (!patched(PATCH)) return { failure };
    try {
      return await decide(failure);
    } catch (error) {
      if (isCancellation(error)) return { failure: error };
      throw error;
    }
  };
}

/** Read without zod and before the input is parsed, since the parsing activity may be what failed. */
const waitsOnFailure = (input: unknown): boolean =>
  (input as { on_failure?: unknown } | null | undefined)?.on_failure === 'wait';

const notRetried = (failure: ApplicationFailure): ApplicationFailure =>
  ApplicationFailure.create({
    type: failure.type ?? undefined,
    message: `${failure.message}; the run waited ${PARKED_LIMIT} for a retry`,
    nonRetryable: true,
    details: failure.details ?? [],
    cause: failure,
  });
