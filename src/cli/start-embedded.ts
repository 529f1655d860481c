import { Client, Connection } from '@temporalio/client';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { createReleaseLock } from '../adapters/release-lock-client';
import { startTelemetry } from '../adapters/telemetry/telemetry';
import { buildDeps, type Upstreams } from '../bootstrap/create-deps';
import { dataConverterOf } from '../bootstrap/run-data-converter';
import type { Config } from '../config/config';
import { startTemporalServer } from '../embedded/temporal-server';
import { createExecutorWorker, createReleaseWorker } from '../worker';
import { installRuntime } from '../worker/runtime';
import { tell } from './print';

export type Embedded = {
  client: Client;
  native: NativeConnection;
  address: string;
  uiUrl: string | undefined;
  /** Runs a further worker until `stop`. */
  run: (worker: Worker) => void;
  stop: () => Promise<void>;
};

type Options = {
  ui: boolean;
  /** Carries releases out too. */
  execute?: boolean;
  /** Changes what the activities use; the demo shortens its knowledge. */
  adapt?: (upstreams: Upstreams) => Upstreams;
};

/** A Temporal dev server and a worker inside this process; upstreams stay as configured. */
export async function startEmbedded(config: Config, options: Options): Promise<Embedded> {
  const { adapt = (upstreams) => upstreams } = options;
  // The command decides what an interrupt means, not the worker.
  installRuntime(config, []);
  const telemetry = startTelemetry(config.OTEL_EXPORTER_OTLP_ENDPOINT);
  const server = await startTemporalServer({ ui: options.ui, onProgress: tell });
  const closers: (() => Promise<void>)[] = [() => telemetry.stop(), () => server.stop()];
  const stop = async () => {
    for (const close of closers.reverse()) await close();
  };
  try {
    const { address } = server;
    const connection = await Connection.connect({ address });
    closers.push(() => connection.close());
    const native = await NativeConnection.connect({ address });
    closers.push(() => native.close());
    const dataConverter = dataConverterOf(config);
    const client = new Client({ connection, dataConverter });
    const run = (worker: Worker) => {
      const running = worker.run();
      closers.push(async () => {
        worker.shutdown();
        await running;
      });
    };
    const releaseLock = createReleaseLock(client, config.RELEASE_PREP_TASK_QUEUE);
    const deps = { ...adapt(await buildDeps(config)), client, releaseLock };
    const taskQueue = config.RELEASE_PREP_TASK_QUEUE;
    // Nobody sets the current version of a server that ends with this command.
    const settings = { ...config, WORKER_DEPLOYMENT_NAME: undefined };
    const common = { connection: native, namespace: 'default', deps, dataConverter, settings };
    run(await createReleaseWorker({ ...common, taskQueue }));
    if (options.execute)
      run(await createExecutorWorker({ ...common, taskQueue: config.EXECUTOR_TASK_QUEUE }));
    return { client, native, address, uiUrl: server.uiUrl, run, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The page of a run in the Temporal Web UI. */
export const runPage = (uiUrl: string, workflowId: string, runId: string): string =>
  `${uiUrl}/namespaces/default/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
