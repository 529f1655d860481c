import {
  ServiceError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { QUERY } from '../domain/names';
import type { Progress } from '../domain/progress';
import { endOf, failureText, taskFailure } from './run-history';

export type RunStatus = {
  workflowId: string;
  runId: string;
  /** Temporal's word: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, TIMED_OUT. */
  state: string;
  /** Null when no worker answers. */
  progress: Progress | null;
  /** Activities in flight: what is tried now, how often, and why the last try failed. */
  pending: { activity: string; attempt: number; lastFailure?: string }[];
  /** What ended a failed run. */
  failure?: { type: string; message: string };
  /** Why no worker can continue a run in progress: its code does not match the history. */
  stuck?: string;
};

/** The state of the newest run of a workflow. Throws WorkflowNotFoundError. */
export async function statusOf(client: Client, workflowId: string): Promise<RunStatus> {
  const { raw, runId, state } = await describeRun(client, workflowId);
  // All requests use this run id, even if another run starts meanwhile.
  const handle = client.workflow.getHandle(workflowId, runId);
  const progress = await progressOf(handle, state === 'RUNNING');
  const pending = await Promise.all(
    (raw.pendingActivities ?? []).map(async (activity) => ({
      activity: activity.activityType?.name ?? '',
      attempt: activity.attempt ?? 1,
      lastFailure: await failureText(handle, activity.lastFailure),
    })),
  );
  const failure = state === 'FAILED' ? await failureOf(handle) : undefined;
  const retried = (raw.pendingWorkflowTask?.attempt ?? 1) > 1;
  const stuck = retried ? await taskFailure(handle) : undefined;
  return {
    ...{ workflowId, runId, state, progress, pending },
    ...(failure !== undefined && { failure }),
    ...(stuck !== undefined && { stuck }),
  };
}

/** As the SDK names the values of WorkflowExecutionStatus, in the order of their numbers. */
const STATES = [
  ...['UNSPECIFIED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED'],
  ...['CONTINUED_AS_NEW', 'TIMED_OUT'],
];

/** The memo of a run may be encrypted with a key that is not here; the rest of the description is readable without. */
async function describeRun(client: Client, workflowId: string) {
  try {
    const { raw, runId, status } = await client.workflow.getHandle(workflowId).describe();
    return { raw, runId, state: status.name };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || error instanceof ServiceError) throw error;
    const raw = await client.workflowService.describeWorkflowExecution({
      namespace: client.options.namespace,
      execution: { workflowId },
    });
    const { execution, status } = raw.workflowExecutionInfo ?? {};
    return { raw, runId: execution?.runId ?? '', state: STATES[status ?? 0] ?? 'UNSPECIFIED' };
  }
}

/** A query needs a worker; without one, the rest of the status is still shown. */
async function progressOf(handle: WorkflowHandle, runs: boolean): Promise<Progress | null> {
  const progress = await handle.query<Progress>(QUERY.progress).catch(() => null);
  if (progress === null || runs) return progress;
  // A parked run that was terminated could not clear its waiting state.
  return {
    ...progress,
    phase: progress.phase === 'waiting' ? 'failed' : progress.phase,
    waiting: undefined,
  };
}

async function failureOf(handle: WorkflowHandle): Promise<RunStatus['failure']> {
  const end = await endOf(handle);
  if (end === undefined) return undefined;
  const type = end instanceof ApplicationFailure ? end.type : undefined;
  return { type: type ?? end.name, message: end.message };
}
