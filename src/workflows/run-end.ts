import { ApplicationFailure, isCancellation, workflowInfo } from '@temporalio/workflow';
import { FAILURE, REFUSALS, releaseOf } from '../domain/names';
import type { Phase } from '../domain/progress';
import { commandLine } from '../steps/run/command-line';
import type { Advice } from '../steps/run/progress-details';

const ENDS_AS_REFUSED: ReadonlySet<string | null | undefined> = new Set([
  ...REFUSALS,
  FAILURE.invalidInput,
]);

/** How a failure ends a run: its phase, the outcome that is counted, the reason, and what a person can do. */
export function endOf(failure: unknown) {
  const phase = phaseOf(failure);
  const outcome = failure instanceof ApplicationFailure ? (failure.type ?? phase) : phase;
  const why = failure instanceof Error ? failure.message : String(failure);
  const again = AGAIN[phase] ?? 'when the cause is fixed';
  return { phase, outcome, why, todo: isInputFault(failure) ? [] : advice(again, 'resume') };
}

const AGAIN: Partial<Record<Phase, string>> = {
  refused: 'to check again',
  cancelled: 'to continue after all',
};

/** The same input would fail again. */
const isInputFault = (failure: unknown): boolean =>
  failure instanceof ApplicationFailure && failure.type === FAILURE.invalidInput;

/** The commands identify a release by its workflow id, which the contract defines. */
export function advice(when: string, command: 'retry' | 'cancel' | 'resume'): Advice[] {
  const release = releaseOf(workflowInfo().workflowId);
  return release === null ? [] : [{ when, command: commandLine(command, release) }];
}

function phaseOf(failure: unknown): Phase {
  if (isCancellation(failure)) return 'cancelled';
  return failure instanceof ApplicationFailure && ENDS_AS_REFUSED.has(failure.type)
    ? 'refused'
    : 'failed';
}
