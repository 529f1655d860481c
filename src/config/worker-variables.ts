import { z } from 'zod';
import { optionalWhole, seconds, whole } from './variable-types';

/** Names that are part of Temporal's commands and of metrics; Temporal separates deployment and build by a dot. */
const VersionName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be letters, digits, - and _')
  .optional();

const ROLES = ['prepare', 'execute'] as const;
const Roles = z
  .string()
  .default(ROLES.join(','))
  .transform((text) => text.split(',').map((role) => role.trim()))
  .pipe(z.array(z.enum(ROLES, `must be of ${ROLES.join(', ')}`)).min(1));

/** How one worker works; docs/operations.md says how to choose. Part of the environment (src/config/environment.ts). */
export const WORKER_VARIABLES = {
  WORKER_ROLES: Roles.describe(
    'What a worker works for: `prepare`, `execute` (releases by the reference executor, on `EXECUTOR_TASK_QUEUE`), or both. It does not execute when `EXECUTOR_WORKFLOW_TYPE` names another executor.',
  ),
  /** Each may hold some 30 MB of metric history, and nearly all only wait for an answer. */
  WORKER_MAX_ACTIVITIES: whole(32, 1, 1_000).describe('Activities that one worker runs at once.'),
  /** Any other run is replayed from its history. */
  WORKER_MAX_CACHED_RUNS: whole(300, 2, 10_000).describe(
    'Runs that one worker keeps in memory between steps.',
  ),
  WORKER_SHUTDOWN_GRACE: seconds('25s', 600).describe(
    'Time that running activities have to finish after SIGTERM, at most `600s`.',
  ),
  WORKER_DEPLOYMENT_NAME: VersionName.describe(
    'Deployment name for worker versioning. Unset: no versioning.',
  ),
  WORKER_BUILD_ID: VersionName.describe(
    'Build id for worker versioning. Unset: from the digest of the workflow bundle.',
  ),
};

/** Limits on parallel work. */
export const ADMISSION_VARIABLES = {
  MAX_PREPARATIONS: optionalWhole(1, 10_000).describe(
    'Preparations that may run or wait on the task queue. One more ends as [`TooManyPreparations`](warnings.md#toomanypreparations).',
  ),
  PROMETHEUS_MAX_REQUESTS: whole(8, 1, 100).describe(
    'Requests of one worker to Prometheus in flight. Runs take turns.',
  ),
  RELEASE_SYSTEM_MAX_REQUESTS: whole(16, 1, 100).describe(
    'Requests of one worker to the release system in flight.',
  ),
  LLM_MAX_REQUESTS: whole(8, 1, 100).describe('Requests of one worker to the model in flight.'),
  LLM_REQUESTS_PER_MINUTE: optionalWhole(1, 100_000).describe(
    'Requests of one worker to the model per minute: the limit of the provider, divided by the number of workers.',
  ),
  LLM_TOKENS_PER_MINUTE: optionalWhole(1_000, 100_000_000).describe(
    'Tokens of one worker per minute: the limit of the provider, divided by the number of workers.',
  ),
  TASK_QUEUE_ACTIVITIES_PER_SECOND: optionalWhole(1, 10_000).describe(
    'Activities per second of all workers of the task queue together. Set the same value on all of them.',
  ),
};
