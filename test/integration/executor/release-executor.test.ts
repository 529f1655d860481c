import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { createReleaseSteering } from '../../../src/client/steer-release';
import type { ExecutionState } from '../../../src/domain/execution/execution';
import type { Issue } from '../../../src/domain/issue';
import { executorIdOf } from '../../../src/domain/names';
import type { Outcome } from '../../../src/domain/records/outcome';
import { HOSTS, smallIssue } from '../../fixtures/releases/small-release';
import { runScenarios } from '../../fixtures/releases/scenarios';
import { startSmallWorld, type SmallWorld } from '../../fixtures/releases/small-world';
import { startBench, type Bench } from '../../fixtures/processes/release-worker';
import { sleep, waitUntil } from '../../fixtures/wait';

jest.setTimeout(180_000);

const NEW = 'v1.1.0';
const OLD = 'v1.0.0';
let bench: Bench;
let world: SmallWorld;
let queue = '';

const versionsOf = (service: string): string[] =>
  world
    .systemOf(service)
    .hosts()
    .map(({ services }) => services[0]!.version);
const released = (service: string): number =>
  versionsOf(service).filter((version) => version === NEW).length;
/** What was done to hosts, each effect once. */
const effects = (service: string): string[] =>
  world.systemOf(service).changes.map((change) => {
    const what = change.kind === 'deployment' ? change.version : change.action;
    return `${what} ${change.host_ids.join(',')}`;
  });
const BATCHES = [`${NEW} h1`, `${NEW} h2,h3`, `${NEW} h4,h5,h6,h7`];

type Executor = WorkflowHandle<(carried?: unknown) => Promise<Outcome | null>>;
async function deliver(issue: Issue): Promise<Executor> {
  const { issue_id, digest, service, candidate } = issue;
  return bench.client.workflow.signalWithStart('ReleaseExecutorWorkflow', {
    workflowId: executorIdOf(service, candidate),
    taskQueue: queue,
    args: [],
    signal: 'releaseIssue',
    signalArgs: [{ issue_id, digest, issue }],
  });
}
const stateOf = (handle: Executor) => handle.query<ExecutionState>('state');
const until = (handle: Executor, wanted: (state: ExecutionState) => boolean) =>
  waitUntil(() => stateOf(handle), wanted, { timeoutMs: 100_000 });
const update = (handle: Executor, name: string, input: object) =>
  handle.executeUpdate<ExecutionState, [object]>(name, { args: [input] });
const rejection = async (updated: Promise<unknown>): Promise<string | null | undefined> => {
  const error: unknown = await updated.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  return ((error as WorkflowUpdateFailedError).cause as ApplicationFailure).type;
};

/** Each on a service and a release system of its own, all at the same time. */
const SCENARIOS: Record<string, () => Promise<void>> = {
  async 'releases batch by batch, records the outcome, and frees the service'() {
    const issue = smallIssue('clean');
    const handle = await deliver(issue);
    await deliver(issue);
    const outcome = await handle.result();
    expect(outcome).toMatchObject({
      ...{ result: 'completed', digest: issue.digest, issue_id: issue.issue_id },
      batches: [1, 2, 3].map((batch_id) => ({ batch_id, verdicts: { 'memory/load': 'ok' } })),
      rules: [{ rule_id: 'memory/load', actual: { p50: 5, p99: 5, breaches: 0 } }],
      risks: [{ type: 'memory_leak', happened: false }],
    });
    expect(effects('clean')).toEqual(BATCHES);
    expect(released('clean')).toBe(HOSTS.length);
    expect(await world.store.outcome(issue.issue_id)).toEqual(outcome);
    expect(world.ended).toContain(`release/clean/${NEW}`);
    expect(await stateOf(handle)).toMatchObject({ phase: 'completed', batch: 3, batches: 3 });
    // A delivery that is repeated after the release begins nothing.
    const again = await deliver(issue);
    expect(await again.result()).toBeNull();
    expect(effects('clean')).toEqual(BATCHES);
  },

  async 'answers a breach with the mitigation of the issue, and goes on when it helped'() {
    const handle = await deliver(smallIssue('repaired'));
    const outcome = await handle.result();
    expect(outcome?.result).toBe('completed');
    expect(outcome?.risks).toEqual([
      expect.objectContaining({ happened: true, mitigation: 'restart', mitigated: true }),
    ]);
    expect(effects('repaired')).toEqual([BATCHES[0], BATCHES[1], 'restart h2,h3', BATCHES[2]]);
  },

  async 'rolls all released hosts back when the fault comes again'() {
    const issue = smallIssue('broken');
    const handle = await deliver(issue);
    const outcome = await handle.result();
    expect(outcome).toMatchObject({ result: 'rolled_back', reason: { code: 'Breached' } });
    expect(effects('broken')).toEqual([
      ...[BATCHES[0], BATCHES[1]],
      ...['restart h2,h3', `${OLD} h1,h2,h3`],
    ]);
    expect(new Set(versionsOf('broken'))).toEqual(new Set([OLD]));
    expect(outcome?.rules[0]?.actual.breaches).toBe(2);
    // The digest of a release that was rolled back is not released by itself.
    expect(await (await deliver(issue)).result()).toBeNull();
  },

  async 'takes missing data for no pass: it stops for a person, and abort rolls back'() {
    const handle = await deliver(smallIssue('no-data'));
    const stopped = await until(handle, ({ phase }) => phase === 'needs_person');
    expect(stopped).toMatchObject({ batch: 1, reason: { code: 'NoData', rule_id: 'memory/load' } });
    expect(effects('no-data')).toEqual([BATCHES[0]]);
    await update(handle, 'abort', { by: 'Ana', reason: 'no data', rollback: true });
    expect(await handle.result()).toMatchObject({
      ...{ result: 'rolled_back', reason: { code: 'Aborted' } },
      batches: [{ verdicts: { 'memory/load': 'no_data' } }],
    });
    expect(effects('no-data')).toEqual([BATCHES[0], `${OLD} h1`]);
  },

  async 'aborts while it observes, and leaves hosts as they are without rollback'() {
    const handle = await deliver(smallIssue('aborted', { observation: 60 }));
    await until(handle, ({ phase }) => phase === 'observing');
    await update(handle, 'abort', { by: 'Ana', reason: 'changed my mind' });
    expect(await handle.result()).toMatchObject({ result: 'aborted' });
    expect(effects('aborted')).toEqual([BATCHES[0]]);
    expect(released('aborted')).toBe(1);
  },

  async 'aborts while it deploys: the deployment ends, then its hosts go back'() {
    const handle = await deliver(smallIssue('aborted-deploy'));
    await until(handle, ({ phase }) => phase === 'deploying');
    await update(handle, 'abort', { by: 'Ana', reason: 'wrong version', rollback: true });
    expect(await handle.result()).toMatchObject({ result: 'rolled_back' });
    expect(effects('aborted-deploy')).toEqual([BATCHES[0], `${OLD} h1`]);
    expect(released('aborted-deploy')).toBe(0);
  },

  async 'aborts while it waits for approval: nothing was touched, nothing is'() {
    const issue = smallIssue('aborted-early', { approvals: 1 });
    const handle = await deliver(issue);
    await until(handle, ({ phase }) => phase === 'waiting_approval');
    await update(handle, 'abort', { by: 'Ana', reason: 'not now', rollback: true });
    expect(await handle.result()).toMatchObject({ result: 'aborted', batches: [] });
    expect(effects('aborted-early')).toEqual([]);
  },

  async 'waits for an approval of this very issue'() {
    const issue = smallIssue('approved', { approvals: 1 });
    const handle = await deliver(issue);
    await until(handle, ({ phase }) => phase === 'waiting_approval');
    const other = `sha256:${'0'.repeat(64)}`;
    expect(await rejection(update(handle, 'approve', { by: 'Bob', digest: other }))).toBe(
      'WrongDigest',
    );
    expect(await rejection(update(handle, 'approve', { by: '', digest: other }))).toBe(
      'MalformedMessage',
    );
    expect(effects('approved')).toEqual([]);
    await update(handle, 'approve', { by: 'Bob', digest: issue.digest });
    expect(await handle.result()).toMatchObject({ result: 'completed' });
  },

  async 'takes an approval that was recorded with the issue'() {
    const issue = smallIssue('approved-beside', { approvals: 1 });
    await world.store.recordApproval(issue.issue_id, {
      ...{ by: 'Bob', digest: issue.digest, at: new Date().toISOString() },
    });
    expect(await (await deliver(issue)).result()).toMatchObject({ result: 'completed' });
  },

  async 'deploys nothing while it is paused, and goes on where it was'() {
    const handle = await deliver(smallIssue('paused'));
    await until(handle, ({ phase, batch }) => phase === 'observing' && batch === 1);
    const steering = createReleaseSteering(bench.client);
    const of = ['paused', NEW] as const;
    const lunch = { type: 'pause', by: 'Ana', reason: 'lunch' } as const;
    expect(await steering.steer(...of, lunch)).toMatchObject({ kind: 'done' });
    await until(handle, ({ phase }) => phase === 'paused');
    await sleep(8_000);
    expect(await steering.state(...of)).toMatchObject({ state: { phase: 'paused' } });
    expect(await steering.state('nobody', NEW)).toEqual({ kind: 'absent' });
    expect(await steering.steer(...of, { ...lunch, by: '' })).toMatchObject({ kind: 'malformed' });
    expect(effects('paused')).toEqual([BATCHES[0]]);
    expect(await stateOf(handle)).toMatchObject({ reason: { text: 'Ana: lunch' } });
    const goOn = { type: 'continue', by: 'Ana' } as const;
    expect(await steering.steer(...of, goOn)).toMatchObject({ kind: 'done' });
    expect(await steering.steer(...of, goOn)).toMatchObject({
      kind: 'refused',
      code: 'OutOfOrder',
    });
    expect(await handle.result()).toMatchObject({ result: 'completed' });
    expect(effects('paused')).toEqual(BATCHES);
  },

  async 'rolls back when a deployment fails, only the hosts that it touched'() {
    const outcome = await (await deliver(smallIssue('failing'))).result();
    expect(outcome).toMatchObject({ result: 'rolled_back', reason: { code: 'DeployFailed' } });
    expect(effects('failing')).toEqual([BATCHES[0], BATCHES[1], `${OLD} h1,h2,h3`]);
  },

  async 'stops for a person with the hosts named when a rollback fails, and tries again'() {
    const handle = await deliver(smallIssue('stuck', { answers: ['rollback'] }));
    const stopped = await until(handle, ({ phase }) => phase === 'needs_person');
    expect(stopped.reason).toMatchObject({ code: 'RollbackFailed' });
    expect(stopped.reason?.text).toContain('h1, h2, h3');
    await update(handle, 'continue', { by: 'Ana' });
    expect(await handle.result()).toMatchObject({ result: 'rolled_back' });
    expect(effects('stuck').filter((effect) => effect.startsWith(OLD))).toHaveLength(2);
  },

  async 'finishes a rollback when the workflow is cancelled'() {
    const handle = await deliver(smallIssue('cancelled', { observation: 60 }));
    await until(handle, ({ phase }) => phase === 'observing');
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ result: 'rolled_back' });
    expect(effects('cancelled')).toEqual([BATCHES[0], `${OLD} h1`]);
  },

  async 'stops when another hand puts the candidate on a host'() {
    const handle = await deliver(smallIssue('strange'));
    await until(handle, ({ phase }) => phase === 'observing');
    const system = world.systemOf('strange');
    system.hosts()[6]!.services[0]!.version = NEW;
    const { reason } = await until(handle, ({ phase }) => phase === 'needs_person');
    expect(reason).toMatchObject({ code: 'ExtraHost' });
    expect(reason?.text).toContain('h7');
    expect(effects('strange')).toEqual([BATCHES[0]]);
    await update(handle, 'abort', { by: 'Ana', reason: 'who was that?' });
    expect(await handle.result()).toMatchObject({ result: 'aborted' });
  },

  async 'ends when the issue expires before it is approved'() {
    const issue = smallIssue('late', { approvals: 1, expiresInMs: 6_000 });
    const outcome = await (await deliver(issue)).result();
    expect(outcome).toMatchObject({ result: 'aborted', reason: { code: 'Expired' } });
    expect(effects('late')).toEqual([]);
  },

  async 'takes a newer revision while nothing is deployed'() {
    const first = smallIssue('revised', { approvals: 1 });
    const handle = await deliver(first);
    await until(handle, ({ phase }) => phase === 'waiting_approval');
    const second = smallIssue('revised', { approvals: 1, revision: 2 });
    await deliver({ ...second, digest: `sha256:${'f'.repeat(64)}` });
    await deliver(second);
    await until(handle, ({ digest }) => digest === second.digest);
    expect(await rejection(update(handle, 'approve', { by: 'B', digest: first.digest }))).toBe(
      'WrongDigest',
    );
    await update(handle, 'approve', { by: 'Bob', digest: second.digest });
    expect(await handle.result()).toMatchObject({ result: 'completed', digest: second.digest });
  },

  async 'refuses an issue whose content does not fit its digest'() {
    const issue = smallIssue('forged');
    const handle = await deliver({ ...issue, title: 'another' });
    await expect(handle.result()).rejects.toThrow();
    expect(effects('forged')).toEqual([]);
  },
};

let running: Awaited<ReturnType<typeof runScenarios>> | undefined;
beforeAll(async () => {
  bench = await startBench();
  const names = [
    ...['clean', 'repaired', 'broken', 'no-data', 'aborted', 'aborted-early', 'approved'],
    ...['approved-beside', 'paused', 'cancelled', 'strange', 'late', 'revised', 'forged'],
  ];
  world = await startSmallWorld(
    {
      ...Object.fromEntries(names.map((name) => [name, {}])),
      'aborted-deploy': { fate: () => ({ afterMs: 4_000 }) },
      failing: {
        fate: (change) =>
          change.kind === 'deployment' && change.version === NEW && change.host_ids.length === 2
            ? { end: 'failed' }
            : {},
      },
      stuck: {
        fate: (change, earlier) =>
          change.kind === 'deployment' &&
          change.version === OLD &&
          !earlier.some((one) => one.kind === 'deployment' && one.version === OLD)
            ? { end: 'failed' }
            : {},
      },
    },
    (service, _, { changes }) => {
      const repaired = changes.some(({ kind }) => kind === 'mitigation');
      switch (service) {
        case 'no-data':
          return released(service) > 0 ? null : 5;
        case 'repaired':
          return released(service) === 3 && !repaired ? 50 : 5;
        case 'broken':
        case 'stuck':
          return released(service) === 3 ? 50 : 5;
        default:
          return 5;
      }
    },
  );
  running = await runScenarios(SCENARIOS, {
    ...{ bench, activities: world.activities, limitMs: 170_000 },
    onQueue: (taskQueue) => void (queue = taskQueue),
  });
}, 400_000);
afterAll(async () => {
  await running?.stop();
  await world?.stop();
  await bench?.close();
});

it.each(Object.keys(SCENARIOS))('%s', (name) => running!.passes(name));
