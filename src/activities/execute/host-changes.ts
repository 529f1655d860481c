import { ApplicationFailure } from '@temporalio/common';
import type { ActionProgress, ActionRef } from '../../domain/execution/execution';
import type { State } from '../../guard/guard';
import { permitFor, type HostAction } from '../../guard/permit';
import { FAILURE } from '../../domain/names';
import type { ExecutableIssue } from '../../steps/execution/executable-issue';
import type { Deps } from '../runtime/activity-deps';
import { cancellationSignal } from '../runtime/heartbeat';

export type StartActionArgs = {
  issue: ExecutableIssue;
  /** The release before the action. */
  state: State;
  action: HostAction;
  /** When the workflow decided on it, RFC 3339; a retry asks the guard for the same moment. */
  at: string;
  attempt: number;
};

/** Asks the guard once more, where the request is sent, and starts the action. A retry has the same key. */
export async function startAction(
  { hostActions }: Pick<Deps, 'hostActions'>,
  { issue, state, action, at, attempt }: StartActionArgs,
): Promise<ActionRef> {
  const permit = permitFor(issue, state, action, at);
  if ('allowed' in permit)
    throw ApplicationFailure.create({
      type: FAILURE.guardRefused,
      message: `${permit.code}: ${permit.message}`,
      nonRetryable: true,
      details: [permit],
    });
  return hostActions.start(permit, attempt, cancellationSignal());
}

/** How far an action is. */
export const readAction = (
  { hostActions }: Pick<Deps, 'hostActions'>,
  ref: ActionRef,
): Promise<ActionProgress> => hostActions.read(ref, cancellationSignal());
