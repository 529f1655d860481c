import { ApplicationFailure, condition, defineUpdate, setHandler } from '@temporalio/workflow';
import { REJECTION, UPDATE } from '../domain/names';
import type { FailedStep } from '../domain/progress';
import { parseRetry, type RetryChoice } from '../steps/run/parse-retry-step';
import { validatorOf } from './message-handlers';
import type { Outcomes } from './step-outcomes';
import type { ProgressTracker } from './progress-tracker';

/**
 * A waiting run holds the claim on its service, and its plan gets outdated: a release must not rely on old hosts and
 * levels. Long enough for a weekend and the week after it.
 */
const RETRY_WAIT_LIMIT_MS = 7 * 24 * 60 * 60 * 1000;
export const RETRY_WAIT_LIMIT = '7 days';

const retryStep = defineUpdate<{ retried: string[] }, [choice: RetryChoice]>(UPDATE.retryStep);

/** Lets a run wait, visible and cancellable, until `retryStep` names what runs again. */
export function createRetryWait(outcomes: Outcomes, progress: ProgressTracker) {
  let failed: readonly FailedStep[] = [];
  setHandler(
    retryStep,
    (choice: RetryChoice) => {
      const chosen = chosenOf(failed, choice?.step ?? undefined).map(({ activity }) => activity);
      chosen.forEach(outcomes.forget);
      failed = [];
      return { retried: chosen };
    },
    {
      description: 'what failed runs once more; {"step": NAME}: only that',
      validator: (choice: RetryChoice) => {
        validatorOf(UPDATE.retryStep, parseRetry)(choice);
        refuseUnlessWaiting(failed, choice?.step ?? undefined, progress.phase());
      },
    },
  );
  return {
    /** True after a retry request; false when the limit has passed. */
    async untilRetry(steps: readonly FailedStep[]): Promise<boolean> {
      failed = steps;
      const now = Date.now();
      progress.wait({ since: iso(now), until: iso(now + RETRY_WAIT_LIMIT_MS), failed: [...steps] });
      const retried = await condition(() => failed.length === 0, RETRY_WAIT_LIMIT_MS);
      failed = [];
      progress.goOn();
      return retried;
    },
  };
}

const chosenOf = (failed: readonly FailedStep[], name: string | undefined): FailedStep[] =>
  failed.filter(({ activity, step }) => name === undefined || name === activity || name === step);

function refuseUnlessWaiting(
  failed: readonly FailedStep[],
  name: string | undefined,
  phase: string,
): void {
  const refuse = (message: string) =>
    ApplicationFailure.nonRetryable(message, REJECTION.notWaiting);
  if (failed.length === 0) throw refuse(`no step waits for a retry: the run is ${phase}`);
  if (chosenOf(failed, name).length > 0) return;
  const names = failed.map(({ activity, step }) => (step ? `${activity} (${step})` : activity));
  throw refuse(`${name} does not wait for a retry; what failed: ${names.join(', ')}`);
}

const iso = (ms: number): string => new Date(ms).toISOString();
