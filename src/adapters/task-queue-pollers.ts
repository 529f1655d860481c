import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

/** A poll waits for 60 s at most, and the server shows pollers for minutes after they are gone. */
const FRESH_MS = 75_000;

const WORKFLOW_QUEUE = temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW;

/**
 * `idle`: workers poll with a worker deployment of which no version is current, so that they get no new run. A worker
 * that ended less than a minute ago still counts.
 */
export type Pollers = { kind: 'none' } | { kind: 'idle'; deployment: string } | { kind: 'some' };

/**
 * Which workers take workflow tasks from a task queue. `now`: milliseconds, by the clock of the server where the caller
 * knows it, since that clock writes when a worker polled last.
 */
export async function pollersOf(
  client: Client,
  taskQueue: string,
  now: number = Date.now(),
): Promise<Pollers> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: WORKFLOW_QUEUE,
  });
  const fresh = (pollers ?? []).filter(
    ({ lastAccessTime }) => now - Number(lastAccessTime?.seconds ?? 0) * 1_000 < FRESH_MS,
  );
  if (fresh.length === 0) return { kind: 'none' };
  const deployments = fresh.map(({ deploymentOptions: options }) =>
    options?.workerVersioningMode === VERSIONED ? (options.deploymentName ?? '') : '',
  );
  const [deployment = ''] = deployments;
  const isVersioned = deployments.every((name) => name !== '');
  if (!isVersioned || (await hasCurrentVersion(client, deployment))) return { kind: 'some' };
  return { kind: 'idle', deployment };
}

const VERSIONED = temporal.api.enums.v1.WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED;

async function hasCurrentVersion(client: Client, deploymentName: string): Promise<boolean> {
  try {
    const { workerDeploymentInfo: info } = await client.workflowService.describeWorkerDeployment({
      namespace: client.options.namespace,
      deploymentName,
    });
    const { currentDeploymentVersion: current, currentVersion } = info?.routingConfig ?? {};
    return Boolean(current?.buildId) || /[.:]/.test(currentVersion ?? '');
  } catch {
    // A server without this question has no such workers either.
    return true;
  }
}
