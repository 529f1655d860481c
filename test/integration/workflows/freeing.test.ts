import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { take } from '../../../src/activities/claim-release';
import { createPreparationGate } from '../../../src/adapters/preparation-gate-client';
import { createReleaseLock } from '../../../src/adapters/release-lock-client';
import { executorIdOf, GATE, gateIdOf, WORKFLOW, workflowIdOf } from '../../../src/domain/names';
import { findTemporalCli } from '../../../src/embedded/temporal-cli';
import { runCommand } from '../../fixtures/processes/command-line';
import { startBench, type Bench } from '../../fixtures/processes/release-worker';
import { smallIssue } from '../../fixtures/releases/small-release';
import { startSmallWorld } from '../../fixtures/releases/small-world';
import { sleep, waitUntil } from '../../fixtures/wait';

jest.setTimeout(240_000);

const PAGE = path.resolve(__dirname, '../../../docs/operations.md');
const BY = 'Ana';
const REASON = 'it-hangs';
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

/** The rows of the page: what is stuck, and the command that frees it. */
const ROWS = new Map(
  (readFileSync(PAGE, 'utf8').split('## Freeing what is stuck')[1] ?? '')
    .split('\n## ')[0]!
    .split('\n')
    .flatMap((line) => {
      const [, what = '', command = ''] = line.split('|').map((cell) => cell.trim());
      const [, code] = /^`([^`]+)`$/.exec(command) ?? [];
      return code === undefined ? [] : [[what.split(':')[0]!, code] as const];
    }),
);

type Stuck = { service: string; taskQueue: string };
/** Of the small issue. */
const VERSION = 'v1.1.0';

/** Runs the command of the page as a person would, against the real server. */
async function free(what: string, { service, taskQueue }: Stuck): Promise<string> {
  const command = ROWS.get(what);
  if (command === undefined) throw new Error(`${PAGE} has no command for ${what}`);
  const names: Record<string, string> = {
    ...{ SERVICE: service, VERSION, TASK_QUEUE: taskQueue, NAME: BY, TEXT: REASON },
  };
  const [program, ...args] = command
    .split(' ')
    .map((word) => word.replace(/[A-Z_]{4,}/g, (name) => names[name] ?? name));
  const env = { TEMPORAL_ADDRESS: bench.address, RELEASE_PREP_TASK_QUEUE: taskQueue };
  if (program === 'temporal') {
    const { stdout } = await promisify(execFile)(await findTemporalCli(), args, {
      env: { ...env, HOME: '/nonexistent' },
    });
    return stdout;
  }
  expect(program).toBe('release-prep');
  const { code, stdout, stderr } = await runCommand(args, env);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('rror')]);
  return stdout + stderr;
}

const fresh = (): Stuck => ({ service: `shop-${randomUUID()}`, taskQueue: `test-${randomUUID()}` });
const holderOf = (service: string, version: string, changes: object = {}) => {
  const id = workflowIdOf(service, version);
  const phase = 'preparing' as const;
  return { service, version, phase, workflow_id: id, held_by: id, until: null, ...changes };
};
/** Whether another version gets the claim, as its preparation would ask for it. */
async function nextClaims({ service, taskQueue }: Stuck): Promise<boolean> {
  const releaseLock = createReleaseLock(bench.client, taskQueue);
  return (await take({ releaseLock }, holderOf(service, 'v2'), undefined)).conflicts.length === 0;
}
/** A workflow whose every task fails; a command is given while its worker tries. */
const whileStuck = <Result>(taskQueue: string, body: () => Promise<Result>): Promise<Result> =>
  bench.withWorkflows(
    stuck,
    async () => {
      await sleep(500);
      return body();
    },
    taskQueue,
  );

it('has a command for each of what is freed here', () => {
  expect([...ROWS.keys()]).toEqual([
    'a claim that is held although no release is under way',
    'a claim whose workflow does not answer',
    'a preparation that no worker can continue',
    'the gate of `MAX_PREPARATIONS`',
    'a release that waits for a person or is paused',
    'a release that does not answer',
  ]);
});

it('frees a claim that is held by a workflow that lives', async () => {
  const one = fresh();
  await bench.withWorker(
    {},
    async () => {
      // Any workflow that goes on: here an executor that gets no issue.
      const executor = await bench.client.workflow.start(WORKFLOW.releaseExecutor, {
        ...{ taskQueue: one.taskQueue, workflowId: executorIdOf(one.service, VERSION), args: [] },
      });
      const holder = holderOf(one.service, VERSION, {
        ...{ phase: 'releasing', held_by: executor.workflowId },
      });
      await createReleaseLock(bench.client, one.taskQueue).claim({ holder });
      expect(await nextClaims(one)).toBe(false);
      expect(await free('a claim that is held although no release is under way', one)).toContain(
        `${one.service} is free`,
      );
      expect(await nextClaims(one)).toBe(true);
      await executor.terminate();
    },
    { taskQueue: one.taskQueue },
  );
});

it('frees a claim whose workflow task fails again and again', async () => {
  const one = fresh();
  const { service, taskQueue } = one;
  const holder = holderOf(service, VERSION);
  const claim = createReleaseLock(bench.client, taskQueue).claim({ holder });
  claim.catch(() => undefined);
  const said = await whileStuck(taskQueue, () =>
    free('a claim whose workflow does not answer', one),
  );
  expect(said).toContain('was terminated');
  await bench.withWorker({}, async () => expect(await nextClaims(one)).toBe(true), { taskQueue });
});

it('frees a preparation that no worker can continue', async () => {
  const one = fresh();
  const { service, taskQueue } = one;
  const options = { taskQueue, workflowId: workflowIdOf(service, VERSION), args: [{ service }] };
  const handle = await bench.client.workflow.start(WORKFLOW.releasePrep, options);
  await whileStuck(taskQueue, () => Promise.resolve());
  await bench.withWorker(
    {},
    async () => {
      const lock = createReleaseLock(bench.client, taskQueue);
      await lock.claim({ holder: holderOf(service, VERSION) });
      expect(await nextClaims(one)).toBe(false);
      await free('a preparation that no worker can continue', one);
      expect((await handle.describe()).status.name).toBe('TERMINATED');
      expect(await nextClaims(one)).toBe(true);
    },
    { taskQueue },
  );
});

it('frees the gate whose workflow task fails again and again', async () => {
  const one = fresh();
  const { taskQueue } = one;
  const options = { taskQueue, workflowId: gateIdOf(taskQueue), args: [] };
  await bench.client.workflow.start(GATE.type, options);
  await whileStuck(taskQueue, () => free('the gate of `MAX_PREPARATIONS`', one));
  await bench.withWorker(
    {},
    async () => {
      const gate = createPreparationGate(bench.client, taskQueue, 1);
      const entry = { workflow_id: workflowIdOf(one.service, VERSION), run_id: 'r' };
      expect((await gate.enter(entry)).admitted).toBe(true);
    },
    { taskQueue },
  );
});

it('frees a release that waits for a person', async () => {
  const one = fresh();
  const { service, taskQueue } = one;
  const world = await startSmallWorld({ [service]: {} }, () => 5);
  const issue = smallIssue(service, { approvals: 1 });
  const { issue_id, digest } = issue;
  const lock = createReleaseLock(bench.client, taskQueue);
  const activities = {
    ...world.activities,
    endClaim: async (ended: { service: string; workflow_id: string }) =>
      lock.end(ended.service, ended.workflow_id),
  };
  const workflowId = executorIdOf(service, VERSION);
  await bench.withExecutor(
    activities,
    async () => {
      await lock.claim({
        holder: holderOf(service, VERSION, { phase: 'releasing', held_by: workflowId }),
      });
      const handle = await bench.client.workflow.signalWithStart(WORKFLOW.releaseExecutor, {
        ...{ workflowId, taskQueue, args: [] },
        ...{ signal: 'releaseIssue', signalArgs: [{ issue_id, digest, issue }] },
      });
      const phase = async () => (await handle.query<{ phase: string }>('state')).phase;
      await waitUntil(phase, (now) => now === 'waiting_approval');
      expect(await nextClaims(one)).toBe(false);
      await free('a release that waits for a person or is paused', one);
      expect(await handle.result()).toMatchObject({ result: 'aborted' });
      expect(await nextClaims(one)).toBe(true);
      expect(world.systemOf(service).changes).toEqual([]);
    },
    taskQueue,
  );
  await world.stop();
});

it('frees a release that does not answer', async () => {
  const one = fresh();
  const { service, taskQueue } = one;
  const workflowId = executorIdOf(service, VERSION);
  const options = { taskQueue, workflowId, args: [] };
  const handle = await bench.client.workflow.start(WORKFLOW.releaseExecutor, options);
  await whileStuck(taskQueue, () => Promise.resolve());
  await bench.withWorker(
    {},
    async () => {
      await createReleaseLock(bench.client, taskQueue).claim({
        holder: holderOf(service, VERSION, { phase: 'releasing', held_by: workflowId }),
      });
      expect(await nextClaims(one)).toBe(false);
      await free('a release that does not answer', one);
      expect((await handle.describe()).status.name).toBe('TERMINATED');
      expect(await nextClaims(one)).toBe(true);
    },
    { taskQueue },
  );
});
