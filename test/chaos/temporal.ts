import { Client, Connection, ServiceError } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { startTemporalServer } from '../../src/embedded/temporal-server';
import { sleep } from '../fixtures/wait';

export const EXECUTOR_QUEUE = 'chaos-executor';

let bundle: ReturnType<typeof bundleWorkflowCode> | undefined;
const executorBundle = () =>
  (bundle ??= bundleWorkflowCode({
    workflowsPath: require.resolve('../../sandbox/executor'),
    logger: new DefaultLogger('ERROR'),
  }));

/** Of this process: that Temporal is away is what the rows are about. */
export function quietRuntime(): void {
  const logging = { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} };
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, shutdownSignals: [], telemetryOptions: { logging } });
}

export type ChaosTemporal = Awaited<ReturnType<typeof startChaosTemporal>>;

/** A real Temporal on its database file, which can be restarted where it stands, and a worker of the sandbox executor. */
export async function startChaosTemporal(dbFilename: string) {
  let server = await startTemporalServer({ ui: false, dbFilename });
  const { address } = server;
  const port = Number(address.split(':')[1]);
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const executor = await Worker.create({
    connection: native,
    taskQueue: EXECUTOR_QUEUE,
    workflowBundle: await executorBundle(),
  });
  const executing = executor.run();
  return {
    address,
    client: new Client({ connection }),
    stopServer: () => server.stop(),
    startServer: async () =>
      void (server = await startTemporalServer({ ui: false, dbFilename, port })),
    async stop() {
      executor.shutdown();
      await executing;
      await native.close();
      await connection.close();
      await server.stop();
    },
  };
}

const PATIENCE = 10;

/** Asks again where Temporal, or a worker that it passes a query to, did not answer: a busy machine is no fault. */
export async function patiently<Result>(body: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof ServiceError) || tries === PATIENCE) throw error;
      await sleep(2_000);
    }
  }
}
