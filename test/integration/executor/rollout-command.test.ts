import { executorIdOf } from '../../../src/domain/names';
import type { ExecutionState } from '../../../src/domain/execution/execution';
import { startBench, type Bench } from '../../fixtures/processes/release-worker';
import { runCommand } from '../../fixtures/processes/command-line';
import { draftOf, smallIssue } from '../../fixtures/releases/small-release';
import { startSmallWorld, type SmallWorld } from '../../fixtures/releases/small-world';
import { waitUntil } from '../../fixtures/wait';

jest.setTimeout(240_000);

const SERVICE = 'steered';
const VERSION = 'v1.1.0';
let bench: Bench;
let world: SmallWorld;
beforeAll(async () => {
  bench = await startBench();
  world = await startSmallWorld({ [SERVICE]: {} }, () => 5);
}, 400_000);
afterAll(async () => {
  await world?.stop();
  await bench?.close();
});

const rollout = (command: string, ...args: string[]) =>
  runCommand(['rollout', command, SERVICE, VERSION, ...args], {
    TEMPORAL_ADDRESS: bench.address,
    ISSUE_STORE_URL: `file:${world.folder}`,
  });
const stateNow = async (): Promise<ExecutionState> => {
  const { code, stdout, stderr } = await rollout('status', '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as ExecutionState;
};

it('approves, pauses, continues and aborts a release by the commands alone', async () => {
  const none = await rollout('status');
  expect([none.code, none.stderr]).toEqual([
    4,
    expect.stringContaining(`no executor of ${SERVICE} ${VERSION} runs here`),
  ]);
  const issue = await world.store.record(draftOf(smallIssue(SERVICE, { approvals: 1 })));
  await bench.withExecutor(world.activities, async (taskQueue) => {
    const { issue_id, digest } = issue;
    const handle = await bench.client.workflow.signalWithStart('ReleaseExecutorWorkflow', {
      ...{ workflowId: executorIdOf(SERVICE, VERSION), taskQueue, args: [] },
      ...{ signal: 'releaseIssue', signalArgs: [{ issue_id, digest, issue }] },
    });
    await waitUntil(stateNow, ({ phase }) => phase === 'waiting_approval');

    const paused = await rollout('pause', '--by', 'Ana', '--reason', 'the phone rang');
    expect([paused.code, paused.stdout]).toEqual([
      0,
      expect.stringContaining('pause: the phone rang (Ana)'),
    ]);
    const approved = await rollout('approve', '--by', 'Ben');
    expect(approved.stderr).toBe('');
    expect([approved.code, approved.stdout]).toEqual([
      0,
      expect.stringContaining('approved by Ben (1 of 1)'),
    ]);
    expect((await stateNow()).phase).toBe('paused');
    expect(world.systemOf(SERVICE).changes).toEqual([]);
    expect((await rollout('continue', '--by', 'Ana')).code).toBe(0);
    await waitUntil(stateNow, ({ batch, phase }) => batch >= 1 && phase === 'observing');

    const noReason = await rollout('abort');
    expect([noReason.code, noReason.stderr]).toEqual([2, expect.stringContaining('--reason')]);
    const aborted = await rollout('abort', '--by', 'Ana', '--reason', 'enough', '--rollback');
    expect(aborted.code).toBe(0);
    // In a pipe each event is one line; it ends with the release.
    const watched = await rollout('status', '--watch');
    expect(watched.code).toBe(0);
    expect(watched.stderr.split('\n').some((line) => line.includes('rolled_back'))).toBe(true);
    expect(watched.stdout + watched.stderr).not.toContain('\u001b');
    expect(await handle.result()).toMatchObject({ result: 'rolled_back', digest });
    expect((await world.store.approvals(issue_id)).map(({ by }) => by)).toEqual(['Ben']);
  });
});
