import { z } from 'zod';
import { hostPort, optionalWhole, seconds, whole } from './fields';

/** Names that stand in Temporal's commands and in metrics; Temporal parts deployment and build by a dot. */
const VersionName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be letters, digits, - and _')
  .optional();

/** How one worker works; docs/operations.md says how to choose. Part of the environment (src/config/config.ts). */
export const workerVariables = {
  /** Activities at once: each may hold some 30 MB of metric history, and nearly all only wait for an answer. */
  WORKER_MAX_ACTIVITIES: whole(32, 1, 1_000),
  /** Runs whose state stays in memory between two of their steps; any other is replayed from its history. */
  WORKER_MAX_CACHED_RUNS: whole(300, 2, 10_000),
  WORKER_SHUTDOWN_GRACE: seconds('25s', 600),
  /** Unset: no worker versioning. */
  WORKER_DEPLOYMENT_NAME: VersionName,
  /** Unset: from the digest of the workflow bundle. */
  WORKER_BUILD_ID: VersionName,
  HEALTH_ADDRESS: hostPort,
  /** Of this worker, requests in flight to each of these. */
  PROMETHEUS_MAX_REQUESTS: whole(8, 1, 100),
  RELEASE_SYSTEM_MAX_REQUESTS: whole(16, 1, 100),
  LLM_MAX_REQUESTS: whole(8, 1, 100),
  /** Of this worker: what the provider allows, divided by the number of workers. */
  LLM_REQUESTS_PER_MINUTE: optionalWhole(1, 100_000),
  LLM_TOKENS_PER_MINUTE: optionalWhole(1_000, 100_000_000),
  /** Of all workers of the task queue together: Temporal keeps it. */
  TASK_QUEUE_ACTIVITIES_PER_SECOND: optionalWhole(1, 10_000),
  /** Preparations that may run or wait at once on the task queue. */
  MAX_PREPARATIONS: optionalWhole(1, 10_000),
};
