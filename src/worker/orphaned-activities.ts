import os from 'node:os';
import type { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import pLimit from 'p-limit';
import { FAILURE, WORKFLOW } from '../domain/names';
import { IDENTITY, parseIdentity } from './worker-options';

/** More runs than this are left to their heartbeat time-outs: a start must not wait for a long list. */
const MAX_RUNS = 500;
const AT_ONCE = 8;
const STARTED = temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_STARTED;

type Found = { workflowId: string; runId: string; activityId: string };

/**
 * Returns the activities of a worker that was killed on this machine (or in this container), so that they are retried
 * at once and not after their heartbeat time-out. Gives the number of activities. Looks only at processes of this host
 * that no longer exist, never at its own; the time-outs cover all others.
 */
export async function returnOrphanedActivities(
  { client, connection, namespace }: { client: Client; connection: Connection; namespace: string },
  taskQueue: string,
): Promise<number> {
  const query = `TaskQueue="${taskQueue}" AND WorkflowType="${WORKFLOW.releasePrep}" AND ExecutionStatus="Running"`;
  const { executions } = await connection.workflowService.listWorkflowExecutions({
    namespace,
    query,
    pageSize: MAX_RUNS,
  });
  const limit = pLimit(AT_ONCE);
  const handed = await Promise.all(
    executions.map(({ execution }) =>
      limit(async () => {
        const { workflowId, runId } = execution ?? {};
        if (!workflowId || !runId) return 0;
        return handBack(client, await orphansOf(client, { workflowId, runId }));
      }),
    ),
  );
  return handed.reduce((sum, count) => sum + count, 0);
}

async function orphansOf(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
): Promise<Found[]> {
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  return (raw.pendingActivities ?? []).flatMap(({ activityId, state, lastWorkerIdentity }) =>
    activityId && state === STARTED && isGone(lastWorkerIdentity ?? '')
      ? [{ workflowId, runId, activityId }]
      : [],
  );
}

/** The next try begins at once; it counts as a try, so an activity that kills its worker again and again reaches its limit. */
async function handBack(client: Client, lost: Found[]): Promise<number> {
  for (const activity of lost) {
    await client.activity.fail(
      activity,
      ApplicationFailure.create({
        type: FAILURE.workerLost,
        message: 'the worker of this activity was killed',
        nextRetryDelay: 1,
      }),
    );
  }
  return lost.length;
}

/** Whether an earlier process of this host no longer runs. A process id that was reused counts as running. */
export function isGone(identity: string): boolean {
  const worker = parseIdentity(identity);
  if (worker === null || worker.host !== os.hostname() || identity === IDENTITY) return false;
  // In a container every worker has the same process id.
  return worker.pid === process.pid || !runs(worker.pid);
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
