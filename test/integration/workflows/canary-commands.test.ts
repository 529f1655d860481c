import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { createReleaseLock } from '../../../src/adapters/release-lock-client';
import { executorIdOf, WORKFLOW, workflowIdOf } from '../../../src/domain/names';
import { CANARY, ESCAPES, faultsOf } from '../../fixtures/canary-bytes';
import { runCommand } from '../../fixtures/processes/command-line';
import { startBench, type Bench } from '../../fixtures/processes/release-worker';

jest.setTimeout(300_000);

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
}, 400_000);
afterAll(() => bench?.close());

/** A name of a claim has at most 256 characters. */
const NAME = `canary ${ESCAPES}`.slice(0, 250);
const fail = () => Promise.reject(ApplicationFailure.nonRetryable(CANARY, NAME));
const refuse = () =>
  Promise.resolve({ refused: { code: NAME.slice(0, 100), text: CANARY, frees: undefined } });

it('prints nothing that was planted in Temporal, whatever the command', async () => {
  const service = `shop-${randomUUID()}`;
  const executed = { openIssue: refuse } as object;
  await bench.withWorker({ verifyVersion: fail, ...executed }, async (taskQueue) => {
    const env = {
      ...{ TEMPORAL_ADDRESS: bench.address, RELEASE_PREP_TASK_QUEUE: taskQueue, FORCE_COLOR: '1' },
      ISSUE_STORE_URL: `file:${mkdtempSync(path.join(os.tmpdir(), 'canary-'))}`,
    };
    const [id, executorId] = [workflowIdOf(service, 'v1'), executorIdOf(service, 'v1')];
    // What others put into the namespace: a claim, a run that failed, and an executor with a refused delivery.
    const holder = { service: NAME, version: NAME, phase: 'releasing' as const, held_by: NAME };
    const lock = createReleaseLock(bench.client, taskQueue);
    const planted = { ...holder, service, workflow_id: NAME, until: null };
    await lock.claim({ holder: planted });
    const run = { taskQueue, workflowId: id, args: [{ service, version: 'v1' }] };
    const handle = await bench.client.workflow.start(WORKFLOW.releasePrep, run);
    await expect(handle.result()).rejects.toThrow();
    await bench.client.workflow.signalWithStart(WORKFLOW.releaseExecutor, {
      ...{ taskQueue, workflowId: executorId, args: [], signal: 'releaseIssue' },
      signalArgs: [{ issue_id: NAME, digest: NAME }],
    });
    let shown = 0;
    for (const [args, form] of [
      [['claim', 'show', service], 'terminal'],
      [['claim', 'show', service, '--json'], 'json'],
      [['status', service, 'v1'], 'terminal'],
      [['status', service, 'v1', '--json'], 'json'],
      [['prepare', '--service', service, '--version', 'v1'], 'terminal'],
      [['resume', service, 'v1'], 'terminal'],
      [['rollout', 'status', service, 'v1'], 'terminal'],
      [['list'], 'terminal'],
      [['claim', 'release', service, '--by', 'Ana', '--reason', 'test'], 'terminal'],
    ] as const) {
      const { stdout, stderr } = await runCommand(args, env);
      const faults = [...faultsOf(stdout, form), ...faultsOf(stderr, 'terminal')];
      expect([args.join(' '), faults]).toEqual([args.join(' '), []]);
      if (/canary/i.test(stdout + stderr)) shown += 1;
    }
    // Else nothing would have been tried.
    expect(shown).toBeGreaterThanOrEqual(5);
  });
});
