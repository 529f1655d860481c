import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Activities } from '../../src/activities';
import { currentRun } from '../../src/activities/runtime/current-run';
import { startTemporalServer } from '../../src/embedded/temporal-server';
import {
  chain,
  issue,
  metricAnalysis,
  releasePlan,
  riskPrediction,
  selection,
  shortlist,
  versionCheck,
} from '../fixtures/outcomes';

/** Activities that answer at once with small valid results; a test replaces the one it is about. */
export const stubActivities = (changes: Partial<Activities> = {}): Activities => ({
  verifyVersion: async () => ({
    request: { service: 'user-service', version: 'v1.1.0' },
    outcome: { result: versionCheck, warnings: [] },
  }),
  claimRelease: async () => [],
  traceServiceChain: async () => chain,
  checkNeighbours: async () => [],
  predictRisks: async () => ({ result: riskPrediction, warnings: [] }),
  shortlistMetrics: async () => shortlist,
  selectMetrics: async () => selection,
  setThresholds: async () => ({ result: metricAnalysis, warnings: [], traffic: null }),
  planGrayStrategy: async () => ({ result: releasePlan, warnings: [] }),
  recordIssue: async () => issue,
  confirmRelease: async () => ({ changes: [], conflicts: [] }),
  deliverIssue: async () => ({ delivered_to: 'release/user-service/v1.1.0' }),
  currentRun,
  ...changes,
});

let bundled: Promise<{ code: string }> | undefined;
/** The product's workflow code, bundled once a test process. */
export const releasePrepBundle = () =>
  (bundled ??= bundleWorkflowCode({
    workflowsPath: path.resolve(__dirname, '../../src/workflows'),
    logger: new DefaultLogger('ERROR'),
  }));

let bundledExecutor: Promise<{ code: string }> | undefined;
/** The sandbox executor's workflow code, bundled once a test process. */
export const executorBundle = () =>
  (bundledExecutor ??= bundleWorkflowCode({
    workflowsPath: path.resolve(__dirname, '../../sandbox/executor.ts'),
    logger: new DefaultLogger('ERROR'),
  }));

export type Bench = Awaited<ReturnType<typeof startBench>>;

/** A client, and workers with given activities on task queues of their own. */
async function connectBench(address: string) {
  quiet();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection });
  return {
    client,
    async withWorker<Result>(
      activities: Partial<Activities>,
      body: (taskQueue: string) => Promise<Result>,
      more: Partial<WorkerOptions> = {},
    ): Promise<Result> {
      const taskQueue = more.taskQueue ?? `test-${randomUUID()}`;
      const worker = await Worker.create({
        connection: native,
        workflowBundle: more.workflowBundle ?? (await releasePrepBundle()),
        activities: stubActivities(activities),
        ...more,
        taskQueue,
      });
      return worker.runUntil(() => body(taskQueue));
    },
    /** A worker of workflow code alone. */
    async withWorkflows<Result>(
      workflowBundle: { code: string },
      body: (taskQueue: string) => Promise<Result>,
      taskQueue = `test-${randomUUID()}`,
    ): Promise<Result> {
      const worker = await Worker.create({ connection: native, taskQueue, workflowBundle });
      return worker.runUntil(() => body(taskQueue));
    },
    async close() {
      await native.close();
      await connection.close();
    },
  };
}

/** A real server of a test's own, with a bench on it; `close` ends both. */
export async function startBench() {
  const server = await startTemporalServer({ ui: false });
  const bench = await connectBench(server.address);
  return {
    ...bench,
    address: server.address,
    async close() {
      await bench.close();
      await server.stop();
    },
  };
}

let quieted = false;
function quiet(): void {
  if (!quieted) Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  quieted = true;
}
