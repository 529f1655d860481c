import os from 'node:os';
import { parseConfig } from '../../src/config/config';
import { isGone } from '../../src/worker/orphaned-activities';
import { IDENTITY, parseIdentity, workerOptionsOf } from '../../src/worker/worker-options';

const optionsOf = (environment: Record<string, string>) =>
  workerOptionsOf(parseConfig(environment));

it('bounds activities, cached runs and the shutdown by configuration', () => {
  const options = optionsOf({
    ...{ WORKER_MAX_ACTIVITIES: '7', WORKER_MAX_CACHED_RUNS: '11', WORKER_SHUTDOWN_GRACE: '90s' },
    ...{ TASK_QUEUE_ACTIVITIES_PER_SECOND: '30' },
  });
  expect(options).toMatchObject({
    ...{ maxConcurrentActivityTaskExecutions: 7, maxCachedWorkflows: 11 },
    ...{ shutdownGraceTime: 90_000, maxTaskQueueActivitiesPerSecond: 30 },
  });
  expect(options.shutdownForceTime).toBeGreaterThan(90_000);
});

it('takes part in worker versioning only when it has a deployment name', () => {
  expect(optionsOf({ WORKER_BUILD_ID: 'b1' })).not.toHaveProperty('workerDeploymentOptions');
  const options = optionsOf({ WORKER_DEPLOYMENT_NAME: 'release-prep', WORKER_BUILD_ID: 'b1' });
  expect(options.workerDeploymentOptions).toEqual({
    useWorkerVersioning: true,
    version: { deploymentName: 'release-prep', buildId: 'b1' },
    defaultVersioningBehavior: 'PINNED',
  });
});

it('takes for lost only what a process of this host held that no longer runs', () => {
  const host = os.hostname();
  const freeNumber = 4_194_304 + 1;
  expect(parseIdentity(IDENTITY)).toMatchObject({ pid: process.pid, host });
  expect(isGone(`${freeNumber}@${host}/1700000000000`)).toBe(true);
  // As in a container, where each start has the same number.
  expect(isGone(`${process.pid}@${host}/1700000000000`)).toBe(true);
  expect(isGone(IDENTITY)).toBe(false);
  expect(isGone(`${process.ppid}@${host}/1700000000000`)).toBe(false);
  expect(isGone(`${freeNumber}@another-host/1700000000000`)).toBe(false);
  expect(isGone(`${freeNumber}@${host}`)).toBe(false);
  expect(isGone('')).toBe(false);
});
