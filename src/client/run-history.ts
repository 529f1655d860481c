import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { RunEvent } from '../steps/run/reset-point';
import { decodeOptionalFailureToOptionalError } from '../temporal/sdk-internals';

type History = temporal.api.history.v1.IHistory;
const { EventType } = temporal.api.enums.v1;

/** The parts of the history that are needed to choose a reset point. */
export const runEvents = ({ events }: History): RunEvent[] =>
  (events ?? []).map(({ eventId, eventType }) => ({
    id: Number(eventId),
    kind: kindOf(eventType),
  }));

const TASK: ReadonlySet<unknown> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
]);

function kindOf(type: unknown): RunEvent['kind'] {
  if (TASK.has(type)) return 'task';
  return type === EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
    ? 'cancel-requested'
    : 'other';
}

const BY_RESET =
  temporal.api.enums.v1.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW;

/**
 * Why no worker can continue: the message of a failed workflow task without a later completed task. The cause is code
 * that does not match the history (another build), or a namespace without our search attributes.
 */
export async function taskFailure(handle: WorkflowHandle): Promise<string | undefined> {
  const { events } = await handle.fetchHistory();
  const last = (events ?? []).findLast(
    ({ eventType: type }) =>
      type === EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED ||
      type === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
  );
  const failed = last?.workflowTaskFailedEventAttributes;
  if (!failed || failed.cause === BY_RESET) return undefined;
  return (await failureText(handle, failed.failure)) || 'no reason was given';
}

/** The message of a failure, which is encrypted if payloads are; without the key, the message names the key. */
export async function failureText(
  { client }: WorkflowHandle,
  failure: temporal.api.failure.v1.IFailure | null | undefined,
): Promise<string | undefined> {
  const { loadedDataConverter } = client.options;
  try {
    return (await decodeOptionalFailureToOptionalError(loadedDataConverter, failure))?.message;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What ended a run that did not succeed; undefined: it succeeded. Waits for a run that has not ended. */
export const endOf = (handle: WorkflowHandle): Promise<Error | undefined> =>
  handle.result().then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof WorkflowFailedError) return error.cause;
      throw error;
    },
  );
