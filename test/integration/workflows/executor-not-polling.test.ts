import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { claimRelease } from '../../../src/activities/claim-release';
import { createReleaseLock } from '../../../src/adapters/release-lock-client';
import { createReleasePrepClient } from '../../../src/client';
import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import type { ReleaseRequest } from '../../../src/domain/release';
import { versionCheck } from '../../fixtures/outcomes';
import { executorBundle, startBench, type Bench } from '../../fixtures/processes/release-worker';

jest.setTimeout(120_000);

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
}, 400_000);
afterAll(() => bench?.close());

const knowledge = {
  rollout: [],
  technologies: [],
  services: [],
  risks: [],
} as unknown as Knowledge;
const executorQueue = `executor-${randomUUID()}`;

/** The end of a preparation whose workers are configured for an executor on `executorQueue`. */
async function prepare(request: Partial<ReleaseRequest>): Promise<string> {
  const service = `shop-${randomUUID()}`;
  let queue = '';
  return bench.withWorker(
    {
      verifyVersion: async (input: unknown) => ({
        request: input as ReleaseRequest,
        outcome: { result: versionCheck, warnings: [] },
      }),
      claimRelease: (args) =>
        claimRelease(
          {
            ...{ knowledge, client: bench.client },
            releaseLock: createReleaseLock(bench.client, queue),
            executor: { workflowType: 'ReleaseExecutorWorkflow', taskQueue: executorQueue },
          },
          args,
        ),
    },
    async (taskQueue) => {
      queue = taskQueue;
      const library = createReleasePrepClient({ client: bench.client, taskQueue });
      await library.start({ service, version: 'v1', ...request });
      const end = await library.result(service, 'v1').then(
        () => 'prepared',
        (error: unknown) => {
          const cause = error instanceof WorkflowFailedError ? error.cause : error;
          return cause instanceof ApplicationFailure
            ? `${cause.type}: ${cause.message}`
            : String(cause);
        },
      );
      if (end !== 'prepared') {
        // Refused before anything was claimed: the lock was never started.
        expect(await library.claim(service)).toMatchObject({ running: false });
      }
      return end;
    },
  );
}

it('refuses a preparation whose executor nobody runs, and names queue, type and remedy', async () => {
  expect(await prepare({})).toBe(
    `ExecutorNotPolling: claimRelease: No worker polls task queue ${executorQueue}, on which ReleaseExecutorWorkflow ` +
      "gets the issue: start the executor's worker, set EXECUTOR_TASK_QUEUE to the queue that it polls, or prepare " +
      'with --executor WORKFLOW_ID or --no-delivery.',
  );
});

it('prepares without a look at the queue when the request wants no delivery', async () => {
  expect(await prepare({ delivery: 'none' })).toBe('prepared');
});

it('prepares when a worker polls the queue', async () => {
  const executor = await Worker.create({
    connection: bench.native,
    taskQueue: executorQueue,
    workflowBundle: await executorBundle(),
  });
  expect(await executor.runUntil(() => prepare({}))).toBe('prepared');
});
