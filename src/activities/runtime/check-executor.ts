import { isGrpcServiceError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { UpstreamError } from '../../adapters/upstream/upstream-error';
import { FAILURE } from '../../domain/names';
import { receiverOf, type Asked, type Receiver } from '../../steps/claims/issue-receiver';
import { pollersOf, type Pollers } from '../../adapters/task-queue-pollers';
import { currentAttempt } from './activity-attempt';
import type { Deps } from './activity-deps';

/**
 * Fails for good as ExecutorNotPolling when the workflow that is to get the issue would be started on a task queue that
 * no worker polls: the issue would wait there, and the claim with it. A server that does not answer this question does
 * not stop a preparation.
 */
export async function checkExecutor(
  { client, executor }: Pick<Deps, 'client' | 'executor'>,
  asked: Asked,
): Promise<void> {
  const receiver = receiverOf(asked, executor);
  if (receiver.kind !== 'started') return;
  const pollers = await knownPollers(client, receiver.taskQueue);
  if (pollers === undefined || pollers.kind === 'some') return;
  throw ApplicationFailure.create({
    type: FAILURE.executorNotPolling,
    message: notPolling(receiver, pollers),
    nonRetryable: (currentAttempt()?.attempt ?? LOOKS) >= LOOKS,
    nextRetryDelay: LOOK_AGAIN_MS,
    category: 'BENIGN',
  });
}

/** An executor that restarts, or whose connection does when Temporal restarts, polls again within 15 s. */
const LOOKS = 4;
const LOOK_AGAIN_MS = 5_000;

/** gRPC codes PERMISSION_DENIED and UNIMPLEMENTED. */
const NOT_ANSWERED: readonly number[] = [7, 12];

async function knownPollers(
  client: Deps['client'],
  taskQueue: string,
): Promise<Pollers | undefined> {
  try {
    return await pollersOf(client, taskQueue, currentAttempt()?.scheduledAt);
  } catch (error) {
    if (isGrpcServiceError(error) && NOT_ANSWERED.includes(error.code)) return undefined;
    throw new UpstreamError('executor', `task queue ${taskQueue}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function notPolling(
  { taskQueue, workflowType }: Extract<Receiver, { kind: 'started' }>,
  pollers: Exclude<Pollers, { kind: 'some' }>,
): string {
  const otherwise = 'or prepare with --executor WORKFLOW_ID or --no-delivery';
  switch (pollers.kind) {
    case 'none':
      return (
        `No worker polls task queue ${taskQueue}, on which ${workflowType} gets the issue: ` +
        `start the executor's worker, set EXECUTOR_TASK_QUEUE to the queue that it polls, ${otherwise}.`
      );
    case 'idle':
      return (
        `The workers on task queue ${taskQueue}, on which ${workflowType} gets the issue, belong to worker deployment ` +
        `${pollers.deployment}, of which no version is current: run ` +
        `\`temporal worker deployment set-current-version\`, ${otherwise}.`
      );
  }
}
