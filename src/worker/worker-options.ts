import os from 'node:os';
import type { WorkerOptions } from '@temporalio/worker';
import type { Config } from '../config/config';
import { BUNDLE, buildIdOf } from '../temporal/workflow-bundle';

/**
 * A workflow task for a worker that is gone waits so long before any other worker gets it. A living worker takes it
 * within milliseconds; on a busy one it costs a replay (docs/benchmarks.md, Recovery).
 */
const STICKY_TIMEOUT = '1s';
/** A cancellation arrives with the answer to a heartbeat, so this bounds its delay. */
const MAX_HEARTBEAT_INTERVAL = '2s';
/** From the end of the grace time until a worker that still hangs is given up. */
const FORCE_AFTER_MS = 15_000;

export type WorkerSettings = Pick<
  Config,
  | 'WORKER_MAX_ACTIVITIES'
  | 'WORKER_MAX_CACHED_RUNS'
  | 'WORKER_SHUTDOWN_GRACE'
  | 'WORKER_DEPLOYMENT_NAME'
  | 'WORKER_BUILD_ID'
  | 'TASK_QUEUE_ACTIVITIES_PER_SECOND'
>;

/** How much a worker takes on, how it ends, and which version it says it is (docs/operations.md). */
export const workerOptionsOf = (settings: WorkerSettings, bundle: string = BUNDLE.releasePrep) =>
  ({
    identity: IDENTITY,
    maxConcurrentActivityTaskExecutions: settings.WORKER_MAX_ACTIVITIES,
    maxCachedWorkflows: settings.WORKER_MAX_CACHED_RUNS,
    maxTaskQueueActivitiesPerSecond: settings.TASK_QUEUE_ACTIVITIES_PER_SECOND,
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    maxHeartbeatThrottleInterval: MAX_HEARTBEAT_INTERVAL,
    shutdownGraceTime: settings.WORKER_SHUTDOWN_GRACE,
    shutdownForceTime: settings.WORKER_SHUTDOWN_GRACE + FORCE_AFTER_MS,
    ...versionOf(settings, bundle),
  }) satisfies Partial<WorkerOptions>;

/** The build that this worker says it is. */
export const buildOf = (
  { WORKER_BUILD_ID }: Pick<Config, 'WORKER_BUILD_ID'>,
  bundle: string,
): string => WORKER_BUILD_ID ?? buildIdOf(bundle);

/** A preparation lives for minutes: it ends on the version that it began on. */
function versionOf(settings: WorkerSettings, bundle: string): Partial<WorkerOptions> {
  const { WORKER_DEPLOYMENT_NAME: deploymentName } = settings;
  if (deploymentName === undefined) return {};
  return {
    workerDeploymentOptions: {
      useWorkerVersioning: true,
      version: { deploymentName, buildId: buildOf(settings, bundle) },
      defaultVersioningBehavior: 'PINNED',
    },
  };
}

/** Machine and process; the start time distinguishes it from an earlier process with the same number. */
export type Identity = { pid: number; host: string; started: number };

const textOf = ({ pid, host, started }: Identity): string => `${pid}@${host}/${started}`;
export const IDENTITY = textOf({ pid: process.pid, host: os.hostname(), started: Date.now() });

/** Null for the identity of anything but our workers. */
export function parseIdentity(text: string): Identity | null {
  const [, pid, host, started] = /^(\d+)@(.+)\/(\d+)$/.exec(text) ?? [];
  if (pid === undefined || host === undefined) return null;
  return { pid: Number(pid), host, started: Number(started) };
}
