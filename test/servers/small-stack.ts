import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { startSandboxPrometheus } from '../../sandbox/prometheus/server';
import { startReleaseSystem } from '../../sandbox/release-system';
import { startTemporalServer } from '../../src/embedded/temporal-server';
import { BUNDLE, bundleAt } from '../../src/temporal/workflow-bundle';
import { exampleHosts } from './stack';

export type SmallStack = Awaited<ReturnType<typeof startSmallStack>>;

/** A real Temporal with the sandbox's upstreams and files for everything else: enough for whole runs of the built command. */
export async function startSmallStack(options: {
  service: string;
  codecEndpoint?: string;
  token?: string;
  pageSize?: number;
  dbFilename?: string;
}) {
  const folder = mkdtempSync('/tmp/release-prep-stack-');
  const { service, codecEndpoint, token, dbFilename, pageSize } = options;
  const temporal = await startTemporalServer({
    ui: true,
    ...(codecEndpoint !== undefined && { codecEndpoint }),
    ...(dbFilename !== undefined && { dbFilename }),
  });
  const releaseSystem = await startReleaseSystem({ hosts: exampleHosts(service), token, pageSize });
  const prometheus = await startSandboxPrometheus();
  const connection = await Connection.connect({ address: temporal.address });
  const native = await NativeConnection.connect({ address: temporal.address });
  return {
    ...{ folder, temporal, releaseSystem, prometheus, connection },
    /** Each call has task queues and folders of its own. */
    environment: (more: Record<string, string> = {}): Record<string, string> => {
      const own = path.join(folder, randomUUID());
      return {
        TEMPORAL_ADDRESS: temporal.address,
        RELEASE_SYSTEM_URL: releaseSystem.url,
        ...(token !== undefined && { RELEASE_SYSTEM_TOKEN: token }),
        PROMETHEUS_URL: prometheus.url,
        TOPOLOGY_URL: `file:${path.resolve(__dirname, '../../sandbox/data/chain.json')}`,
        ISSUE_STORE_URL: `file:${own}/issues`,
        MODEL_CACHE_DIR: `${own}/model`,
        RELEASE_PREP_TASK_QUEUE: `prep-${randomUUID()}`,
        EXECUTOR_TASK_QUEUE: `executor-${randomUUID()}`,
        LLM_MODE: 'off',
        ...more,
      };
    },
    client: (dataConverter?: DataConverter) => new Client({ connection, dataConverter }),
    /** The sandbox's executor while `body` runs. */
    async withExecutor<Result>(
      env: Record<string, string>,
      dataConverter: DataConverter | undefined,
      body: () => Promise<Result>,
    ): Promise<Result> {
      const executor = await Worker.create({
        connection: native,
        taskQueue: env['EXECUTOR_TASK_QUEUE'] ?? '',
        workflowBundle: bundleAt(BUNDLE.sandboxExecutor),
        dataConverter,
      });
      return executor.runUntil(body);
    },
    async stop() {
      await native.close();
      await connection.close();
      await releaseSystem.stop();
      await prometheus.stop();
      await temporal.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** For the runtime of a test process. */
export const QUIET = { logger: new DefaultLogger('ERROR'), shutdownSignals: [] };
