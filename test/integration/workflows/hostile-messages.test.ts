import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, RawValue } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import pLimit from 'p-limit';
import type { ExecutorActivities } from '../../../src/activities';
import { createPreparationGate } from '../../../src/adapters/preparation-gate-client';
import { createReleaseLock } from '../../../src/adapters/release-lock-client';
import { createReleasePrepClient } from '../../../src/client';
import {
  executorIdOf,
  GATE,
  gateIdOf,
  LOCK,
  lockIdOf,
  WORKFLOW,
  workflowIdOf,
} from '../../../src/domain/names';
import { parseReleaseRequest } from '../../../src/domain/release';
import type { ClaimState } from '../../../src/domain/release-claim';
import { hostileText, numbers } from '../../fixtures/hostile/hostile-answers';
import { MESSAGES } from '../../fixtures/hostile/targets';
import { startBench, type Bench } from '../../fixtures/processes/release-worker';

jest.setTimeout(120_000);

let bench: Bench;
let stuck: { code: string };
beforeAll(async () => {
  bench = await startBench();
  stuck = await bundleWorkflowCode({
    workflowsPath: path.resolve(__dirname, '../../fixtures/workflows/stuck-workflows.ts'),
    logger: new DefaultLogger('ERROR'),
  });
}, 400_000);
afterAll(() => bench?.close());

const HOSTILE: unknown[] = [
  ...[null, 'end', 5, true, [], {}, [{ workflow_id: 'x' }], { workflow_id: null }],
  ...[{ workflow_id: 'x'.repeat(500_000) }, { workflow_id: { toString: 'x' } }],
  JSON.parse('{"__proto__": {"workflow_id": "x"}, "constructor": "x"}'),
];
const holderOf = (service: string, version: string, changes: object = {}) => {
  const id = workflowIdOf(service, version);
  const phase = 'preparing' as const;
  return { service, version, phase, workflow_id: id, held_by: id, until: null, ...changes };
};

async function rejectionOf(update: Promise<unknown>): Promise<string> {
  const error: unknown = await update.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof WorkflowUpdateFailedError)) return String(error);
  return error.cause instanceof ApplicationFailure
    ? `${error.cause.type}: ${error.cause.message}`
    : String(error.cause);
}

describe('the claim on a service', () => {
  it('outlives malformed signals and ends with the one that is well-formed', async () => {
    const service = `shop-${randomUUID()}`;
    await bench.withWorker({}, async (taskQueue) => {
      const lock = createReleaseLock(bench.client, taskQueue);
      const holder = holderOf(service, 'v1', { run_id: 'run-1' });
      await lock.claim({ holder });
      const handle = bench.client.workflow.getHandle(lockIdOf(taskQueue, service));
      await handle.signal(LOCK.end);
      for (const input of HOSTILE) await handle.signal(LOCK.end, input);
      await handle.signal('no-such-signal', ...HOSTILE);
      for (const name of [LOCK.end, 'no-such-signal', '__temporal_end']) {
        await handle.signal(name, raw('{"workflow_id": '));
        await handle.signal(name, raw('', 'binary/unknown'), raw('x'));
        await handle.signal(name, { workflow_id: 'x' }, raw('x'));
      }
      await handle.signal('__proto__');
      // Not the run that holds the claim: an earlier one of the same release, and somebody who guessed the name.
      await handle.signal(LOCK.end, { workflow_id: holder.held_by, run_id: 'run-0' });
      await handle.signal(LOCK.end, { workflow_id: holder.held_by });
      const state = await handle.query<ClaimState>(LOCK.state);
      expect(state).toMatchObject({ holder: { version: 'v1' }, released: null });
      await handle.signal(LOCK.end, { workflow_id: holder.held_by, run_id: 'run-1' });
      await handle.result();
    });
  });

  it('rejects malformed updates with a clear error', async () => {
    const service = `shop-${randomUUID()}`;
    await bench.withWorker({}, async (taskQueue) => {
      const lock = createReleaseLock(bench.client, taskQueue);
      await lock.claim({ holder: holderOf(service, 'v1') });
      const handle = bench.client.workflow.getHandle(lockIdOf(taskQueue, service));
      for (const input of HOSTILE) {
        const claimed = await rejectionOf(handle.executeUpdate(LOCK.claim, { args: [input] }));
        expect(claimed).toMatch(/^MalformedMessage: The update claim was rejected: /);
        const released = await rejectionOf(handle.executeUpdate(LOCK.release, { args: [input] }));
        expect(released).toMatch(/^MalformedMessage: The update release was rejected: /);
      }
      const far = { holder: holderOf(service, 'v1', { until: '9999-12-31T00:00:00Z' }) };
      expect(await rejectionOf(handle.executeUpdate(LOCK.claim, { args: [far] }))).toContain(
        'until must be null or an RFC 3339 time at most 366 days away',
      );
      const garbage = { holder: holderOf(service, 'v1', { until: 'garbage' }) };
      expect(await rejectionOf(handle.executeUpdate(LOCK.claim, { args: [garbage] }))).toContain(
        'until must be null or',
      );
      expect((await lock.holderOf(service)) ?? null).toBeNull();
      expect(await handle.query(LOCK.holder)).toMatchObject({ version: 'v1', until: null });
    });
  });

  it('goes on after a malformed signal that came before any worker did', async () => {
    const service = `shop-${randomUUID()}`;
    const taskQueue = `test-${randomUUID()}`;
    const workflowId = lockIdOf(taskQueue, service);
    const handle = await bench.client.workflow.start(LOCK.type, {
      taskQueue,
      workflowId,
      args: [],
    });
    await handle.signal(LOCK.end);
    await bench.withWorker(
      {},
      async () => {
        const lock = createReleaseLock(bench.client, taskQueue);
        const answer = await lock.claim({ holder: holderOf(service, 'v1') });
        expect(answer.granted).toBe(true);
      },
      { taskQueue },
    );
  });

  it('is shown, and freed by hand with name and reason', async () => {
    const service = `shop-${randomUUID()}`;
    await bench.withWorker({}, async (taskQueue) => {
      const lock = createReleaseLock(bench.client, taskQueue);
      const library = createReleasePrepClient({ client: bench.client, taskQueue });
      const request = { by: 'alice', reason: 'its executor is gone' };
      expect(await library.claim(service)).toMatchObject({ running: false, holder: null });
      expect(await library.releaseClaim(service, request)).toBeNull();
      const { holder } = await lock.claim({ holder: holderOf(service, 'v1') });
      expect(await library.claim(service)).toMatchObject({ running: true, holder });

      const before = { workflow_id: holder.workflow_id, since: '2020-01-01T00:00:00Z' };
      expect(await library.releaseClaim(service, { ...request, held: before })).toBeNull();
      const freed = await library.releaseClaim(service, { ...request, held: holder });
      expect(freed).toEqual({ how: 'released', holder });

      const shown = await library.claim(service);
      expect(shown).toMatchObject({
        running: false,
        holder: null,
        released: { ...request, holder },
      });
      const handle = bench.client.workflow.getHandle(lockIdOf(taskQueue, service));
      expect(await handle.query(LOCK.state)).toMatchObject({ holder: null, released: request });
      const next = await lock.claim({ holder: holderOf(service, 'v2') });
      expect(next.granted).toBe(true);
    });
  });

  it.each(['its workflow task fails again and again', 'no worker answers'])(
    'is freed by hand when %s',
    async (why) => {
      const service = `shop-${randomUUID()}`;
      const taskQueue = `test-${randomUUID()}`;
      const workflowId = lockIdOf(taskQueue, service);
      const options = { taskQueue, workflowId, args: [] };
      const handle = await bench.client.workflow.start(LOCK.type, options);
      const library = createReleasePrepClient({ client: bench.client, taskQueue });
      const free = async () => {
        const freed = await library.releaseClaim(service, { by: 'alice', reason: why });
        expect(freed).toEqual({ how: 'terminated', holder: null });
      };
      if (why === 'no worker answers') await free();
      else await bench.withWorkflows(stuck, free, taskQueue);
      expect(await terminationOf(handle)).toBe(`claim released by alice: ${why}`);
      await bench.withWorker(
        {},
        async () => {
          const lock = createReleaseLock(bench.client, taskQueue);
          expect((await lock.claim({ holder: holderOf(service, 'v2') })).granted).toBe(true);
        },
        { taskQueue },
      );
    },
  );
});

async function terminationOf(handle: WorkflowHandle): Promise<string | null | undefined> {
  const { events } = await handle.fetchHistory();
  return events?.at(-1)?.workflowExecutionTerminatedEventAttributes?.reason;
}

describe('the gate', () => {
  it('rejects malformed requests and drops entries of a start that are none', async () => {
    await bench.withWorker({}, async (taskQueue) => {
      const workflowId = gateIdOf(taskQueue);
      const options = { taskQueue, workflowId, args: ['garbage'] };
      const handle = await bench.client.workflow.start(GATE.type, options);
      for (const input of HOSTILE) {
        expect(await rejectionOf(handle.executeUpdate(GATE.enter, { args: [input] }))).toMatch(
          /^MalformedMessage: The update enter was rejected: /,
        );
      }
      await handle.signal('no-such-signal');
      const gate = createPreparationGate(bench.client, taskQueue, 1);
      const entry = { workflow_id: 'release-prep/cart/v1', run_id: 'r' };
      expect(await gate.enter(entry)).toEqual({ admitted: true, others: 0 });
    });
  });
});

describe('a preparation', () => {
  it('ignores signals and rejects malformed retries', async () => {
    const service = `shop-${randomUUID()}`;
    let letGo: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (letGo = resolve));
    const verifyVersion = async (input: unknown) => {
      await slow;
      throw ApplicationFailure.nonRetryable(`refused ${JSON.stringify(input)}`, 'InvalidInput');
    };
    await bench.withWorker({ verifyVersion }, async (taskQueue) => {
      const handle = await bench.client.workflow.start(WORKFLOW.releasePrep, {
        ...{
          taskQueue,
          workflowId: workflowIdOf(service, 'v1'),
          args: [{ service, version: 'v1' }],
        },
      });
      await handle.signal('end');
      await handle.signal('anything', ...HOSTILE);
      for (const input of ['x', 5, true, [], { step: 5 }, { step: 'x'.repeat(500_000) }]) {
        expect(await rejectionOf(handle.executeUpdate('retryStep', { args: [input] }))).toMatch(
          /^MalformedMessage: The update retryStep was rejected: /,
        );
      }
      expect(await rejectionOf(handle.executeUpdate('retryStep'))).toMatch(/^NothingWaits: /);
      expect(await handle.query('progress', ...HOSTILE)).toMatchObject({ phase: 'verifying' });
      letGo();
      await expect(handle.result()).rejects.toThrow();
    });
  });
});

/** A payload as it is: the client's own converter would refuse much of what others can send. */
const raw = (text: string, encoding = 'json/plain'): RawValue =>
  RawValue.fromPayload({
    metadata: { encoding: Buffer.from(encoding) },
    data: Buffer.from(text),
  });
/** Well-formed shapes of which any field is anything; some are cut or otherwise no JSON. */
const hostileTexts = (seed: number): string[] =>
  Array.from(
    { length: PER_KIND },
    (_, n) => hostileText(MESSAGES, numbers(seed * 1_000 + n), 20_000).text,
  );
/** Some have no known encoding. */
const hostileMessages = (seed: number): RawValue[] =>
  hostileTexts(seed).map((text, n) => raw(text, n % 20 === 7 ? 'binary/unknown' : 'json/plain'));
/** Sends each, a few at the same time; how often the update was rejected as malformed. */
async function updateEach(handle: WorkflowHandle, names: string[], seed: number): Promise<number> {
  const atOnce = pLimit(10);
  const sent = hostileMessages(seed).map((input, n) =>
    atOnce(() => rejectionOf(handle.executeUpdate(names[n % names.length]!, { args: [input] }))),
  );
  const rejections = await Promise.all(sent);
  expect(rejections.filter((one) => /timed? ?out|deadline/i.test(one))).toEqual([]);
  return rejections.filter((one) => one.startsWith('MalformedMessage')).length;
}
const PER_KIND = Number(process.env['HOSTILE_MESSAGES'] ?? 30);

describe('generated messages', () => {
  it('wedge no claim', async () => {
    const service = `shop-${randomUUID()}`;
    await bench.withWorker({}, async (taskQueue) => {
      const lock = createReleaseLock(bench.client, taskQueue);
      await lock.claim({ holder: holderOf(service, 'v1', { run_id: 'r' }) });
      const handle = bench.client.workflow.getHandle(lockIdOf(taskQueue, service));
      for (const input of hostileMessages(1)) await handle.signal(LOCK.end, input);
      expect(await updateEach(handle, [LOCK.claim, LOCK.release], 2)).toBeGreaterThan(0);
      // One of them may have been well-formed and freed it.
      const answer = await lock.claim({ holder: holderOf(service, 'v1', { run_id: 'r' }) });
      expect(answer).toMatchObject({ granted: expect.any(Boolean), holder: expect.any(Object) });
    });
  });

  it('wedge no gate', async () => {
    await bench.withWorker({}, async (taskQueue) => {
      const gate = createPreparationGate(bench.client, taskQueue, 100);
      const entry = { workflow_id: 'release-prep/cart/v1', run_id: 'r' };
      await gate.enter(entry);
      const handle = bench.client.workflow.getHandle(gateIdOf(taskQueue));
      expect(await updateEach(handle, [GATE.enter], 3)).toBeGreaterThan(0);
      expect((await gate.enter(entry)).admitted).toBe(true);
    });
  });

  it('wedge no release that waits for its issue', async () => {
    const waiting: ((answer: unknown) => void)[] = [];
    const openIssue = () => new Promise((resolve) => void waiting.push(resolve));
    const activities = { openIssue } as unknown as ExecutorActivities;
    await bench.withExecutor(activities, async (taskQueue) => {
      const workflowId = executorIdOf(`shop-${randomUUID()}`, 'v1');
      const type = WORKFLOW.releaseExecutor;
      const handle = await bench.client.workflow.start(type, { taskQueue, workflowId, args: [] });
      for (const input of hostileMessages(4)) await handle.signal('releaseIssue', input);
      const names = ['approve', 'pause', 'continue', 'abort'];
      expect(await updateEach(handle, names, 5)).toBeGreaterThan(0);
      expect(await handle.query('state')).toMatchObject({ phase: 'waiting_issue' });
      await handle.terminate();
      // The worker waits for its activities.
      for (const answer of waiting) answer(null);
    });
  });

  it('as input end a preparation with InvalidInput', async () => {
    const verifyVersion = async (input: unknown) => {
      const parsed = parseReleaseRequest(input);
      // None is well-formed: no message is a release request.
      throw ApplicationFailure.nonRetryable(parsed.ok ? 'parsed' : 'refused', 'InvalidInput');
    };
    await bench.withWorker({ verifyVersion }, async (taskQueue) => {
      const atOnce = pLimit(10);
      const inputs = hostileMessages(6);
      const types = [...inputs, ...HOSTILE].map((input) =>
        atOnce(async () => {
          const workflowId = workflowIdOf(`shop-${randomUUID()}`, 'v1');
          const options = { taskQueue, workflowId, args: [input] };
          const handle = await bench.client.workflow.start(WORKFLOW.releasePrep, options);
          return handle.result().then(
            () => 'prepared',
            ({ cause }: { cause: { type?: string } }) => cause.type,
          );
        }),
      );
      expect(new Set(await Promise.all(types))).toEqual(new Set(['InvalidInput']));
    });
  });
});

const UNKNOWN = [
  'no-such',
  '__proto__',
  'constructor',
  '__temporal_x',
  'x'.repeat(900),
  '\u001b[2J',
  '',
];

/** Each is ignored or rejected, at once, and the workflow answers what it is asked afterwards. */
async function expectAnswersUnknown(handle: WorkflowHandle, query: string): Promise<void> {
  for (const name of UNKNOWN) {
    await handle.signal(name, raw('{')).catch(() => undefined);
    const asked = await Promise.allSettled([
      handle.query(name, raw('{')),
      handle.executeUpdate(name, { args: [raw('{')] }),
    ]);
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  }
  await handle.query(query);
}

describe('signals, updates and queries of unknown names', () => {
  it('leave a claim and a gate as they are', async () => {
    const service = `shop-${randomUUID()}`;
    await bench.withWorker({}, async (taskQueue) => {
      const lock = createReleaseLock(bench.client, taskQueue);
      await lock.claim({ holder: holderOf(service, 'v1') });
      const { workflow } = bench.client;
      await expectAnswersUnknown(workflow.getHandle(lockIdOf(taskQueue, service)), LOCK.state);
      expect((await lock.claim({ holder: holderOf(service, 'v1') })).granted).toBe(true);
      const gate = createPreparationGate(bench.client, taskQueue, 1);
      const entry = { workflow_id: 'release-prep/cart/v1', run_id: 'r' };
      await gate.enter(entry);
      await expectAnswersUnknown(workflow.getHandle(gateIdOf(taskQueue)), '__stack_trace');
      expect((await gate.enter(entry)).admitted).toBe(true);
    });
  });

  it('leave a preparation and a release as they are', async () => {
    let letGo: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (letGo = resolve));
    const verifyVersion = async () => {
      await slow;
      throw ApplicationFailure.nonRetryable('refused', 'InvalidInput');
    };
    const service = `shop-${randomUUID()}`;
    await bench.withWorker({ verifyVersion }, async (taskQueue) => {
      const workflowId = workflowIdOf(service, 'v1');
      const args = [{ service, version: 'v1' }];
      const options = { taskQueue, workflowId, args };
      const handle = await bench.client.workflow.start(WORKFLOW.releasePrep, options);
      await expectAnswersUnknown(handle, 'progress');
      letGo();
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
    });
    await bench.withExecutor({} as ExecutorActivities, async (taskQueue) => {
      const options = { taskQueue, workflowId: executorIdOf(service, 'v1'), args: [] };
      const handle = await bench.client.workflow.start(WORKFLOW.releaseExecutor, options);
      await expectAnswersUnknown(handle, 'state');
      await handle.terminate();
    });
  });
});

it('refuses a record of a release that comes from whoever starts the executor', async () => {
  await bench.withExecutor({} as ExecutorActivities, async (taskQueue) => {
    for (const carried of [{}, 'x', { issue: { digest: 'x' }, state: {} }]) {
      const workflowId = executorIdOf(`shop-${randomUUID()}`, 'v1');
      const options = { taskQueue, workflowId, args: [carried] };
      const handle = await bench.client.workflow.start(WORKFLOW.releaseExecutor, options);
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
    }
  });
});
