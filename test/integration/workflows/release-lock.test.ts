import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../../src/activities';
import { checkNeighbours, claimRelease, take } from '../../../src/activities/claim-release';
import { createReleaseLock } from '../../../src/adapters/release-lock-client';
import { WORKFLOW, lockIdOf, workflowIdOf } from '../../../src/domain/names';
import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import type { Override } from '../../../src/domain/release-claim';
import { issue, versionCheck } from '../../fixtures/outcomes';
import { startBench, type Bench } from '../../fixtures/processes/release-worker';
import { waitUntil } from '../../fixtures/wait';

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
type Input = { service: string; version: string; override?: Override };

/** The real claims, everything else answers at once; `slow` keeps a preparation open until it is let go. */
function activitiesWith(
  queue: () => string,
  slow: Promise<void> = Promise.resolve(),
): Partial<Activities> {
  const deps = () => ({
    knowledge,
    client: bench.client,
    executor: { workflowType: '', taskQueue: '' },
    releaseLock: createReleaseLock(bench.client, queue()),
  });
  return {
    verifyVersion: async (input: unknown) => ({
      request: input as Input,
      outcome: { result: versionCheck, warnings: [] },
    }),
    claimRelease: (args) => claimRelease(deps(), args),
    checkNeighbours: (args) => checkNeighbours(deps(), args),
    recordIssue: async () => {
      await slow;
      return issue;
    },
    deliverIssue: async () => ({ delivered_to: null }),
  };
}

const start = (taskQueue: string, input: Input): Promise<WorkflowHandle> =>
  bench.client.workflow.start(WORKFLOW.releasePrep, {
    taskQueue,
    workflowId: workflowIdOf(input.service, input.version),
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [input],
  });
const endOf = (handle: WorkflowHandle): Promise<string> =>
  handle.result().then(
    () => 'prepared',
    (error: unknown) => {
      const cause = error instanceof WorkflowFailedError ? error.cause : error;
      return cause instanceof ApplicationFailure
        ? `${cause.type}: ${cause.message}`
        : String(cause);
    },
  );

async function withQueue<Result>(
  slow: Promise<void>,
  body: (taskQueue: string) => Promise<Result>,
): Promise<Result> {
  let queue = '';
  return bench.withWorker(
    activitiesWith(() => queue, slow),
    (taskQueue) => {
      queue = taskQueue;
      return body(taskQueue);
    },
  );
}

it.each([
  ['two versions', (i: number) => `v${i % 2}`],
  ['a hundred versions', (i: number) => `v${i}`],
])(
  'lets one of 100 simultaneous starts of %s win, and tells the others who holds',
  async (_name, versionOf) => {
    const service = `shop-${randomUUID()}`;
    let letGo: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (letGo = resolve));
    await withQueue(slow, async (taskQueue) => {
      const handles = await Promise.all(
        Array.from({ length: 100 }, (_, i) => start(taskQueue, { service, version: versionOf(i) })),
      );
      const runs = new Map(handles.map((handle) => [handle.workflowId, handle]));
      const holder = await untilHeld(taskQueue, service);
      const losers = [...runs].filter(([id]) => id !== holder);
      for (const [, loser] of losers) {
        expect(await endOf(loser)).toMatch(
          new RegExp(`^ReleaseInProgress: .*being prepared since .*held by ${holder}\\)`),
        );
      }
      letGo();
      const winners = await Promise.all(handles.filter((h) => h.workflowId === holder).map(endOf));
      expect(new Set(winners)).toEqual(new Set(['prepared']));
      expect(losers).toHaveLength(runs.size - 1);
      // Nobody executes: the claim has ended with the preparation.
      await bench.client.workflow.getHandle(lockIdOf(taskQueue, service)).result();
      expect(await endOf(await start(taskQueue, { service, version: 'next' }))).toBe('prepared');
    });
  },
);

async function untilHeld(taskQueue: string, service: string): Promise<string> {
  const lock = createReleaseLock(bench.client, taskQueue);
  const holder = await waitUntil(() => lock.holderOf(service));
  return holder!.workflow_id;
}

it('takes over from a holder whose workflow was terminated, and from one that lives only by override', async () => {
  const service = `shop-${randomUUID()}`;
  let letGo: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (letGo = resolve));
  await withQueue(slow, async (taskQueue) => {
    const first = await start(taskQueue, { service, version: 'v1' });
    await untilHeld(taskQueue, service);
    await first.terminate();
    const second = await start(taskQueue, { service, version: 'v2' });
    for (let holder = ''; holder !== workflowIdOf(service, 'v2');)
      holder = await untilHeld(taskQueue, service);
    expect(await endOf(await start(taskQueue, { service, version: 'v3' }))).toContain(
      `held by ${workflowIdOf(service, 'v2')}`,
    );
    const override = { by: 'alice', reason: 'the fix must go out' };
    const third = await start(taskQueue, { service, version: 'v3', override });
    for (let holder = ''; holder !== workflowIdOf(service, 'v3');)
      holder = await untilHeld(taskQueue, service);
    await Promise.all([second.terminate(), third.terminate()]);
    letGo();
  });
});

it('finds a neighbour that is being released, not one that is only prepared', async () => {
  const [own, near] = [`own-${randomUUID()}`, `near-${randomUUID()}`];
  await withQueue(Promise.resolve(), async (taskQueue) => {
    const releaseLock = createReleaseLock(bench.client, taskQueue);
    const executor = await bench.client.workflow.start('ReleaseLockWorkflow', {
      taskQueue,
      workflowId: `release/${near}/v7`,
    });
    const holder = {
      service: near,
      version: 'v7',
      workflow_id: workflowIdOf(near, 'v7'),
      held_by: executor.workflowId,
      until: new Date(Date.now() + 600_000).toISOString(),
    };
    const chain = {
      upstream: [{ service: near, hops: 1 }],
      downstream: [{ service: 'x', hops: 1 }],
    };
    const look = () =>
      checkNeighbours({ knowledge, releaseLock }, { service: own, hosts: 3, chain });
    await take({ releaseLock }, { ...holder, phase: 'preparing' }, undefined);
    expect(await look()).toEqual([]);
    await take({ releaseLock }, { ...holder, phase: 'releasing' }, undefined);
    expect(await look()).toMatchObject([
      {
        kind: 'neighbour_releasing',
        service: near,
        holder: executor.workflowId,
        until: holder.until,
      },
    ]);
    await executor.terminate();
    expect(await look()).toEqual([]);
  });
});

it('frees the claim when its time is over', async () => {
  const service = `shop-${randomUUID()}`;
  await withQueue(Promise.resolve(), async (taskQueue) => {
    const releaseLock = createReleaseLock(bench.client, taskQueue);
    const holder = {
      service,
      version: 'v1',
      phase: 'releasing' as const,
      workflow_id: 'release-prep/x/v1',
      held_by: 'release/x/v1',
      until: new Date(Date.now() + 1_000).toISOString(),
    };
    expect(await releaseLock.claim({ holder })).toMatchObject({ granted: true });
    await bench.client.workflow.getHandle(lockIdOf(taskQueue, service)).result();
    expect(await releaseLock.holderOf(service)).toBeNull();
  });
});
