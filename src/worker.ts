import { Client } from '@temporalio/client';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  type NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import type { DataConverter } from '@temporalio/common';
import { createActivities } from './activities';
import type { Deps } from './activities/deps';
import { redact } from './adapters/redaction';
import { createReleaseLock } from './adapters/release-lock';
import { metricsUrlOf, startTelemetry } from './adapters/telemetry';
import { buildDeps, dataConverterOf } from './build-deps';
import { loadConfig, loadTemporalAccess, type Config } from './config';
import { encodesFailures } from './data-converter';
import { ensureSearchAttributes } from './search-attributes';
import { connectTemporal, connectTemporalNative } from './temporal/connect';
import { BUNDLE, bundleAt } from './workflow-bundle';

/** A try in flight may still report its result; longer than the slowest single request. */
const SHUTDOWN_GRACE = '25s';

/** Logs go to stderr: stdout carries results alone. Call once a process, before the first worker. */
export function installRuntime(
  config: Pick<Config, 'LOG_LEVEL' | 'METRICS_ADDRESS' | 'OTEL_EXPORTER_OTLP_ENDPOINT'>,
  shutdownSignals?: NodeJS.Signals[],
): void {
  Runtime.install({
    shutdownSignals,
    logger: new DefaultLogger(config.LOG_LEVEL, ({ level, message, meta }) => {
      const line = `${new Date().toISOString()} ${level} ${message} ${meta ? JSON.stringify(meta, hideBigInt) : ''}\n`;
      process.stderr.write(redact(line));
    }),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN' }), forward: {} },
      ...(config.METRICS_ADDRESS !== undefined
        ? { metrics: { prometheus: { bindAddress: config.METRICS_ADDRESS } } }
        : config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined
          ? {
              metrics: {
                otel: { url: metricsUrlOf(config.OTEL_EXPORTER_OTLP_ENDPOINT), http: true },
              },
            }
          : {}),
    },
  });
}

const hideBigInt = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;

/** A worker of the preparation task queue; the caller runs it. */
export function createReleaseWorker(options: {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  deps: Deps;
  dataConverter: DataConverter;
}): Promise<Worker> {
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    workflowBundle: bundleAt(
      encodesFailures(options.dataConverter) ? BUNDLE.releasePrepEncoded : BUNDLE.releasePrep,
    ),
    activities: createActivities(options.deps),
    dataConverter: options.dataConverter,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: '40s',
  });
}

/** Connects, checks the namespace and works until SIGINT or SIGTERM; what `release-prep worker` runs. */
export async function runWorker(config: Config): Promise<void> {
  installRuntime(config);
  const telemetry = startTelemetry(config.OTEL_EXPORTER_OTLP_ENDPOINT);
  const access = loadTemporalAccess();
  const { namespace } = access;
  const connection = await connectTemporal(access);
  const native = await connectTemporalNative(access);
  try {
    const dataConverter = dataConverterOf(config);
    const client = new Client({ connection, namespace, dataConverter });
    const releaseLock = createReleaseLock(client, config.RELEASE_PREP_TASK_QUEUE);
    const deps = { ...(await buildDeps(config)), client, releaseLock };
    await ensureSearchAttributes(connection, namespace);
    const worker = await createReleaseWorker({
      connection: native,
      namespace,
      taskQueue: config.RELEASE_PREP_TASK_QUEUE,
      deps,
      dataConverter,
    });
    await worker.run();
  } finally {
    await native.close();
    await connection.close();
    await telemetry.stop();
  }
}

if (require.main === module) {
  Promise.resolve()
    .then(() => runWorker(loadConfig()))
    .catch((error: unknown) => {
      process.stderr.write(redact(`${error instanceof Error ? error.message : String(error)}\n`));
      process.exitCode = error instanceof Error && error.name === 'ConfigError' ? 2 : 4;
    });
}
