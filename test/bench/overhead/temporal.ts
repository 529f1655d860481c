/** A real Temporal server with the product's flags, a client and workers in this process. */
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { descendantsOf } from '../load/proc';
import { startBench, releasePrepBundle } from '../../fixtures/processes/release-worker';
import { sleep } from '../../fixtures/wait';

export type TemporalBench = Awaited<ReturnType<typeof startTemporalBench>>;

export async function startTemporalBench() {
  const bench = await startBench();
  const native = await NativeConnection.connect({ address: bench.address });
  const pid = descendantsOf(process.pid).find(
    ({ command }) => / start-dev/.test(command) && !command.startsWith('sh '),
  )?.pid;
  const running: { worker: Worker; ended: Promise<void> }[] = [];
  return {
    client: bench.client,
    serverPid: pid ?? Number.NaN,
    /** Workers run side by side until `stop`; each has a task queue of its own. */
    work: async (
      activities: object,
      bundle: Promise<{ code: string }> = releasePrepBundle(),
      taskQueue = `bench-${randomUUID()}`,
    ): Promise<string> => {
      const worker = await Worker.create({
        connection: native,
        taskQueue,
        workflowBundle: await bundle,
        activities,
      });
      running.push({ worker, ended: worker.run() });
      return taskQueue;
    },
    async stop() {
      for (const { worker } of running) worker.shutdown();
      await Promise.all(running.map(({ ended }) => ended));
      await native.close();
      await bench.close();
    },
  };
}

export const bareActivities = { wait: (ms: number) => (ms > 0 ? sleep(ms) : Promise.resolve()) };

export const bareBundle = (): Promise<{ code: string }> =>
  bundleWorkflowCode({
    workflowsPath: path.join(__dirname, 'bare-workflow.ts'),
    logger: new DefaultLogger('ERROR'),
  });
