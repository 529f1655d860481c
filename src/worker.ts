import { Client, type Connection } from '@temporalio/client';
import { type NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { DataConverter } from '@temporalio/common';
import { createActivities, createExecutorActivities } from './activities';
import type { Deps } from './activities/runtime/activity-deps';
import { createPreparationGate } from './adapters/preparation-gate-client';
import { writeMessage } from './adapters/terminal/output';
import { createReleaseLock } from './adapters/release-lock-client';
import { startTelemetry } from './adapters/telemetry/telemetry';
import { buildDeps } from './bootstrap/create-deps';
import { dataConverterOf } from './bootstrap/run-data-converter';
import { ConfigError, loadConfig, loadTemporalAccess, type Config } from './config/config';
import { encodesFailures } from './temporal/data-converter';
import { redactUncaughtExceptions } from './bootstrap/uncaught-exception';
import { WORKFLOW } from './domain/names';
import { ensureSearchAttributes } from './temporal/search-attributes';
import { connectTemporal } from './temporal/connect-client';
import { connectTemporalNative } from './worker/connect-worker';
import { startHealthServer } from './worker/health';
import { returnOrphanedActivities } from './worker/orphaned-activities';
import { buildOf, workerOptionsOf, type WorkerSettings } from './worker/worker-options';
import { installRuntime } from './worker/runtime';
import { BUNDLE, bundleAt } from './temporal/workflow-bundle';

/** A worker of the preparation task queue; the caller runs it. */
export function createReleaseWorker(options: {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  deps: Deps;
  dataConverter: DataConverter;
  settings: WorkerSettings;
}): Promise<Worker> {
  const bundle = bundleOf(options.dataConverter);
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    workflowBundle: bundleAt(bundle),
    activities: createActivities(options.deps),
    dataConverter: options.dataConverter,
    ...workerOptionsOf(options.settings, bundle),
  });
}

/** A worker that carries releases out, on the task queue of the executor. */
export function createExecutorWorker(
  options: Parameters<typeof createReleaseWorker>[0],
): Promise<Worker> {
  const bundle = bundleOf(options.dataConverter);
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    workflowBundle: bundleAt(bundle),
    activities: createExecutorActivities(options.deps),
    dataConverter: options.dataConverter,
    ...workerOptionsOf(options.settings, bundle),
  });
}

const bundleOf = (dataConverter: DataConverter): string =>
  encodesFailures(dataConverter) ? BUNDLE.releasePrepEncoded : BUNDLE.releasePrep;

/** What the probes see: a worker that is still starting has neither a connection nor a state. */
type Seen = { workers?: readonly Worker[]; connection?: Connection };

/** Connects, checks the namespace and works until SIGINT or SIGTERM; what `release-prep worker` runs. */
export async function runWorker(config: Config): Promise<void> {
  // Before anything that takes time: a bundle that does not fit is a broken installation.
  bundleAt(bundleOf(dataConverterOf(config)));
  installRuntime(config);
  const telemetry = startTelemetry(config.OTEL_EXPORTER_OTLP_ENDPOINT);
  const seen: Seen = {};
  const health = await startHealth(config, seen);
  try {
    await work(config, seen);
  } finally {
    await health?.stop();
    await telemetry.stop();
  }
}

async function work(config: Config, seen: Seen): Promise<void> {
  const { access, upstreams } = await prepareStart(config);
  const { namespace } = access;
  const connection = await connectTemporal(access);
  const native = await connectTemporalNative(access);
  const taskQueue = config.RELEASE_PREP_TASK_QUEUE;
  try {
    const dataConverter = dataConverterOf(config);
    const client = new Client({ connection, namespace, dataConverter });
    const queues = queuesOf(config);
    const handedBack = Promise.all(
      Object.values(queues).map((queue) => handBack({ client, connection, namespace }, queue)),
    );
    const releaseLock = createReleaseLock(client, taskQueue);
    const gate = gateOf(config, client);
    const deps = { ...upstreams, client, releaseLock, gate };
    await ensureSearchAttributes(connection, namespace);
    const common = { connection: native, namespace, deps, dataConverter, settings: config };
    const workers = await Promise.all([
      ...(queues.prepare ? [createReleaseWorker({ ...common, taskQueue: queues.prepare })] : []),
      ...(queues.execute ? [createExecutorWorker({ ...common, taskQueue: queues.execute })] : []),
    ]);
    Object.assign(seen, { workers, connection });
    await runAll(workers);
    await handedBack;
  } finally {
    await native.close();
    await connection.close();
  }
}

/** The task queues that this worker polls, by role. */
function queuesOf(config: Config): { prepare?: string; execute?: string } {
  const { WORKER_ROLES: roles, EXECUTOR_WORKFLOW_TYPE: type } = config;
  const isOurs = type === '' || type === WORKFLOW.releaseExecutor;
  if (!isOurs && !roles.includes('prepare'))
    throw new ConfigError([
      `WORKER_ROLES is execute alone, but EXECUTOR_WORKFLOW_TYPE names another executor, ${type}`,
    ]);
  return {
    ...(roles.includes('prepare') && { prepare: config.RELEASE_PREP_TASK_QUEUE }),
    ...(roles.includes('execute') && isOurs && { execute: config.EXECUTOR_TASK_QUEUE }),
  };
}

/** Until a signal ends all of them; one that fails ends the others. */
async function runAll(workers: readonly Worker[]): Promise<void> {
  const running = workers.map((worker) => worker.run());
  try {
    await Promise.all(running);
  } catch (error) {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.allSettled(running);
    throw error;
  }
}

/** What a worker needs before anything is connected; all faults are in one ConfigError. */
async function prepareStart(config: Config) {
  const errors: string[] = [];
  const note = (error: unknown): undefined => {
    if (!(error instanceof ConfigError)) throw error;
    errors.push(...error.errors);
  };
  const [access, upstreams] = await Promise.all([
    Promise.resolve().then(loadTemporalAccess).catch(note),
    buildDeps(config).catch(note),
  ]);
  if (access === undefined || upstreams === undefined) throw new ConfigError(errors);
  return { access, upstreams };
}

const gateOf = ({ MAX_PREPARATIONS: limit, RELEASE_PREP_TASK_QUEUE }: Config, client: Client) =>
  limit === undefined ? undefined : createPreparationGate(client, RELEASE_PREP_TASK_QUEUE, limit);

/** Saves time only: an activity that is not returned here is retried after its heartbeat time-out. */
async function handBack(...args: Parameters<typeof returnOrphanedActivities>): Promise<void> {
  const { logger } = Runtime.instance();
  try {
    const count = await returnOrphanedActivities(...args);
    if (count > 0)
      logger.info('returned the activities of a killed worker on this host', { count });
  } catch (error) {
    logger.warn('could not look for activities of a killed worker', { error: String(error) });
  }
}

const PROBE_LIMIT_MS = 2_000;

async function startHealth(config: Config, seen: Seen) {
  if (config.HEALTH_ADDRESS === undefined) return undefined;
  const bundle = bundleOf(dataConverterOf(config));
  return startHealthServer(config.HEALTH_ADDRESS, {
    // One that does not run makes the whole process not ready.
    state: () =>
      seen.workers?.map((worker) => worker.getState()).find((state) => state !== 'RUNNING') ??
      (seen.workers === undefined ? 'STARTING' : 'RUNNING'),
    askTemporal: async () => {
      const { connection } = seen;
      if (connection === undefined) throw new Error('not connected yet');
      await connection.withDeadline(Date.now() + PROBE_LIMIT_MS, () =>
        connection.workflowService.getSystemInfo({}),
      );
    },
    about: { task_queue: config.RELEASE_PREP_TASK_QUEUE, build_id: buildOf(config, bundle) },
  });
}

if (require.main === module) {
  redactUncaughtExceptions();
  Promise.resolve()
    .then(() => runWorker(loadConfig()))
    .catch((error: unknown) => {
      writeMessage(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = error instanceof Error && error.name === 'ConfigError' ? 2 : 4;
    });
}
