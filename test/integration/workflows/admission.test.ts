import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { ApplicationFailure } from '@temporalio/common';
import { verifyVersion } from '../../../src/activities/verify-version';
import { withTypedFailures } from '../../../src/activities/runtime/typed-failures';
import { createPreparationGate } from '../../../src/adapters/preparation-gate-client';
import { createReleaseSystem } from '../../../src/adapters/release-system/release-system';
import { parseConfig } from '../../../src/config/config';
import type { GateAnswer } from '../../../src/domain/gate-request';
import { GATE, gateIdOf, WORKFLOW } from '../../../src/domain/names';
import { workerOptionsOf } from '../../../src/worker/worker-options';
import { startReleaseSystem } from '../../../sandbox/release-system';
import { issue } from '../../fixtures/outcomes';
import {
  startBench,
  releasePrepBundle,
  stubActivities,
  type Bench,
} from '../../fixtures/processes/release-worker';
import { exampleHosts } from '../../fixtures/stacks/stack';
import { waitUntil } from '../../fixtures/wait';

jest.setTimeout(120_000);

let bench: Bench;
let releases: Awaited<ReturnType<typeof startReleaseSystem>>;
beforeAll(async () => {
  bench = await startBench();
  releases = await startReleaseSystem({ hosts: exampleHosts() });
}, 400_000);
afterAll(async () => {
  await releases?.stop();
  await bench?.close();
});

const prepare = (taskQueue: string, version: string) =>
  bench.client.workflow.start(WORKFLOW.releasePrep, {
    ...{ taskQueue, workflowId: `release-prep/user-service/${version}` },
    ...{ args: [{ service: 'user-service', version, dry_run: true }] },
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
  });

it('lets in as many preparations as it may, however many start at once, and another when one has ended', async () => {
  const LIMIT = 3;
  let inside = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const taskQueueOf: { name?: string } = {};
  const releaseSystem = createReleaseSystem({ url: releases.url });
  const activities = {
    verifyVersion: (input: unknown) =>
      withTypedFailures(async () => {
        const gate = createPreparationGate(bench.client, taskQueueOf.name ?? '', LIMIT);
        const verified = await verifyVersion({ releaseSystem, gate }, input);
        most = Math.max(most, (inside += 1));
        return verified;
      }),
    recordIssue: async () => {
      await new Promise<void>((resolve) => ends.push(resolve));
      inside -= 1;
      return issue;
    },
  };
  await bench.withWorker(activities, async (taskQueue) => {
    taskQueueOf.name = taskQueue;
    const run = randomUUID().slice(0, 8);
    const handles = await Promise.all(
      Array.from({ length: 12 }, (_, n) => prepare(taskQueue, `${run}-${n}`)),
    );
    const ended = handles.map((handle) => handle.result().catch((error: unknown) => error));
    const refused = () =>
      Promise.all(ended.map((one) => Promise.race([one, Promise.resolve(undefined)])));
    await waitUntil(
      refused,
      (all) => all.filter((one) => one instanceof WorkflowFailedError).length >= 9,
      { timeoutMs: 120_000 },
    );
    expect(most).toBe(LIMIT);
    const failures = (await refused()).flatMap((one) =>
      one instanceof WorkflowFailedError ? [one.cause as ApplicationFailure] : [],
    );
    for (const failure of failures) {
      expect(failure.type).toBe('TooManyPreparations');
      expect(failure.message).toMatch(
        /3 preparations run or wait on task queue .*, and MAX_PREPARATIONS allows 3: prepare again/,
      );
    }

    await waitUntil(() => ends.length >= LIMIT, Boolean, { timeoutMs: 60_000 });
    ends.shift()?.();
    await waitUntil(refused, (all) => all.filter((one) => one !== undefined).length >= 10, {
      timeoutMs: 60_000,
    });
    const next = await prepare(taskQueue, `${run}-next`);
    await waitUntil(() => ends.length >= LIMIT, Boolean, { timeoutMs: 60_000 });
    ends.splice(0).forEach((end) => end());
    expect(await next.result()).toEqual(issue);
    expect(most).toBe(LIMIT);
  });
});

it('continues as new before long lists make its history too large, and forgets nobody', async () => {
  const INSIDE = 1_500;
  const ASKED = 40;
  const entryOf = (n: number) => ({
    workflow_id: `release-prep/${'s'.repeat(80)}/${n}`,
    run_id: `run-${n}`,
  });
  const inside = Array.from({ length: INSIDE }, (_, n) => entryOf(n));
  await bench.withWorker({}, async (taskQueue) => {
    const workflowId = gateIdOf(taskQueue);
    const options = { taskQueue, workflowId, args: [inside] };
    const { firstExecutionRunId } = await bench.client.workflow.start(GATE.type, options);
    const handle = bench.client.workflow.getHandle(workflowId);
    const ask = (): Promise<GateAnswer> =>
      handle.executeUpdate(GATE.enter, {
        args: [{ entry: entryOf(INSIDE), limit: INSIDE, ended: [] }],
      });
    for (let n = 0; n < ASKED; n += 1) {
      const { admitted, entries } = await ask();
      expect([admitted, entries.length]).toEqual([false, INSIDE]);
    }
    const now = await handle.describe();
    expect(now.status.name).toBe('RUNNING');
    expect(now.runId).not.toBe(firstExecutionRunId);
  });
});

it('keeps the rate of a task queue over all of its workers', async () => {
  const PER_SECOND = 10;
  const taskQueue = `rate-${randomUUID()}`;
  // As two processes would have: one connection takes one worker of a task queue.
  const connections = await Promise.all(
    [1, 2].map(() => NativeConnection.connect({ address: bench.address })),
  );
  const began: number[] = [];
  const note =
    <Args extends unknown[], Result>(activity: (...args: Args) => Promise<Result>) =>
    (...args: Args) => {
      began.push(Date.now());
      return activity(...args);
    };
  const stubs = stubActivities();
  const activities = Object.fromEntries(
    Object.entries(stubs).map(([name, activity]) => [
      name,
      note(activity as () => Promise<unknown>),
    ]),
  );
  const settings = parseConfig({ TASK_QUEUE_ACTIVITIES_PER_SECOND: String(PER_SECOND) });
  const workers = await Promise.all(
    connections.map(async (connection) =>
      Worker.create({
        ...{ connection, taskQueue, activities },
        workflowBundle: await releasePrepBundle(),
        ...workerOptionsOf(settings),
      }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  const handles = await Promise.all(
    Array.from({ length: 12 }, (_, n) => prepare(taskQueue, `rate-${n}`)),
  );
  await Promise.all(handles.map((handle) => handle.result()));
  workers.forEach((worker) => worker.shutdown());
  await Promise.all(running);
  await Promise.all(connections.map((connection) => connection.close()));
  const seconds = (Math.max(...began) - Math.min(...began)) / 1_000;
  // The server lets a second's worth through at the start.
  expect(began.length / (seconds + 1)).toBeLessThanOrEqual(PER_SECOND * 1.1);
});
