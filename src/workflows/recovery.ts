import { ApplicationFailure, isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import { FAILURE, REFUSALS } from '../domain/names';
import { currentRun } from './activity-options';
import type { Claim } from './claims';
import type { Outcomes } from './outcomes';
import { PARKED_LIMIT } from './parked-limit';
import { createParking } from './parking';
import type { ProgressTracker } from './progress';
import { failedSteps } from './step-failure';

/** Runs that failed before this patch end as they did then. */
const PATCH = 'go-on-after-reset';

/** A look at the present, just before the delivery: one that was taken before a failure is of no use after it. */
const LOOKED_AT_ANEW = 'confirmRelease';

/** Verdicts are heard at once; and whoever is one too many must not wait inside, where it would be counted. */
const ENDS_AT_ONCE: readonly string[] = [...REFUSALS, FAILURE.tooManyPreparations];

type End = { failure: unknown };

/**
 * Decides what becomes of a run whose step failed for good. It is asked when all branches have ended, so that every
 * outcome stands in history before the workflow task that decides. That task is the last one of a failed run: a
 * reset to it (`release-prep resume`, or the Web UI's own reset) asks for the run once more, hears another id than
 * before, and walks the flow again, in which only what failed runs.
 */
export function createRecovery(
  input: unknown,
  { outcomes, progress, claim }: { outcomes: Outcomes; progress: ProgressTracker; claim: Claim },
) {
  const parking = createParking(outcomes, progress);
  let knownRun = workflowInfo().originalExecutionRunId;

  /** After a reset in mid-flow (of a cancelled run) the first failure is tried once more: it looks alike. */
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
    // The claim ends with the run; who goes on has to ask for it again.
    if (await claim.end()) outcomes.forget('claimRelease');
    if (await wasReset()) return retryAll();
    return { failure: parks ? notRetried(failure) : failure };
  }

  /** The failure that ends the run; null: the flow is to be walked again. */
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

/** Read without zod, and before the input is parsed: the parsing itself may be what waits. */
const waitsOnFailure = (input: unknown): boolean =>
  (input as { on_failure?: unknown } | null | undefined)?.on_failure === 'wait';

const notRetried = (failure: ApplicationFailure): ApplicationFailure =>
  ApplicationFailure.create({
    type: failure.type ?? undefined,
    message: `${failure.message}; it waited for ${PARKED_LIMIT}, and nobody retried it`,
    nonRetryable: true,
    details: failure.details ?? [],
    cause: failure,
  });
