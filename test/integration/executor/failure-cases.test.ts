import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Issue } from '../../../src/domain/issue';
import { startBench, type Bench } from '../../fixtures/processes/release-worker';
import {
  deliver,
  stateOf,
  until,
  update,
  type Executor,
} from '../../fixtures/releases/drive-release';
import { HOSTS, smallDraft, smallIssue } from '../../fixtures/releases/small-release';
import { runScenarios } from '../../fixtures/releases/scenarios';
import { startSmallWorld, type SmallWorld } from '../../fixtures/releases/small-world';
import { sleep, waitUntil } from '../../fixtures/wait';

jest.setTimeout(300_000);

/** All run at the same time. */
const LIMIT_MS = 240_000;
const NEW = 'v1.1.0';
const OLD = 'v1.0.0';
const BATCHES = [`${NEW} h1`, `${NEW} h2,h3`, `${NEW} h4,h5,h6,h7`];
let bench: Bench;
let world: SmallWorld;
let queue = '';
/** The queries of the comparison, as Prometheus got them. */
const compared = new Set<string>();

const begin = (issue: Issue): Promise<Executor> => deliver(bench.client, issue, queue);
const released = (service: string): number =>
  world
    .systemOf(service)
    .hosts()
    .filter(({ services }) => services[0]!.version === NEW).length;
/** What was done to hosts, each effect once. */
const effects = (service: string): string[] =>
  world.systemOf(service).changes.map((change) => {
    const what = change.kind === 'deployment' ? change.version : change.action;
    return `${what} ${change.host_ids.join(',')}`;
  });
const refused = async (updated: Promise<unknown>): Promise<string | null | undefined> => {
  const error: unknown = await updated.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  return ((error as WorkflowUpdateFailedError).cause as ApplicationFailure).type;
};
const stopsFor = async (service: string, code: string, changes = {}): Promise<Executor> => {
  const handle = await begin(smallIssue(service, changes));
  const { reason } = await until(handle, ({ phase }) => phase === 'needs_person');
  expect(reason?.code).toBe(code);
  return handle;
};
const abort = async (handle: Executor, rollback = true): Promise<void> => {
  await update(handle, 'abort', { by: 'Ana', reason: 'the test', rollback });
  await handle.result();
};

/**
 * Ways in which executors have failed, by the public thread that tells of each. Each is on a service and a release system
 * of its own, all at the same time.
 */
const CASES: Record<string, () => Promise<void>> = {
  async 'compares a batch with hosts not released yet (argo-rollouts#380)'() {
    const issue = await world.store.record(smallDraft('compared', { compared: true }));
    const outcome = await (await begin(issue)).result();
    expect(outcome).toMatchObject({
      result: 'completed',
      rules: [
        { rule_id: 'memory/load', actual: { breaches: 0 } },
        { rule_id: 'memory/load#relative', predicted: { threshold: 2 }, actual: { breaches: 1 } },
      ],
    });
    expect(effects('compared')).toEqual([BATCHES[0], BATCHES[1], 'restart h2,h3', BATCHES[2]]);
    const side = (hosts: string) => `load{service="compared",host=~"${hosts}"}`;
    // Neither the batch nor earlier released hosts; nothing is left to compare the last batch with.
    expect([...compared].filter((query) => query.includes('"compared"'))).toEqual([
      `${side('h1')} / (${side('h2|h3|h4|h5|h6|h7')} > 0)`,
      `${side('h2|h3')} / (${side('h4|h5|h6|h7')} > 0)`,
    ]);
  },

  async 'records the breach of a rule that gates nothing, and goes on'() {
    const handle = await begin(smallIssue('idle', { idle: true }));
    const outcome = await handle.result();
    expect(outcome).toMatchObject({
      result: 'completed',
      batches: [1, 2, 3].map(() => ({
        verdicts: { 'memory/load': 'ok', 'idle/idle': 'breach' },
      })),
    });
    const rule = outcome?.rules.find(({ rule_id }) => rule_id === 'idle/idle');
    expect(rule).toMatchObject({ actual: { p50: 50, breaches: 3 } });
    expect(effects('idle')).toEqual(BATCHES);
  },

  async 'an abort while it rolls back leaves no host half way'() {
    const handle = await begin(smallIssue('turning', { answers: ['rollback'] }));
    await until(handle, ({ phase }) => phase === 'rolling_back');
    await update(handle, 'abort', { by: 'Ana', reason: 'enough' });
    expect(await handle.result()).toMatchObject({ actions: expect.any(Array) });
    expect(effects('turning')).toEqual([BATCHES[0], BATCHES[1], 'v1.0.0 h1,h2,h3']);
    expect(released('turning')).toBe(0);
  },

  async 'a deployment that never ends has failed at its deadline (flagger#1588)'() {
    const handle = await begin(smallIssue('endless', { deployTimeout: '6s' }));
    // It still holds its host, so the rollback cannot reach it either: a person is called with the host named.
    const stopped = await until(handle, ({ phase }) => phase === 'needs_person');
    expect(stopped.reason).toMatchObject({ code: 'RollbackFailed' });
    expect(stopped.events.find(({ type }) => type === 'deploy_failed')?.text).toContain(
      'did not end in time',
    );
    expect(effects('endless')).toEqual([BATCHES[0], `${OLD} h1`]);
    await update(handle, 'abort', { by: 'Ana', reason: 'by hand' });
    expect(await handle.result()).toMatchObject({ result: 'needs_person', hosts_left: ['h1'] });
  },

  async 'a host that flaps does not put its deadline off (argo-rollouts#4128)'() {
    const outcome = await (await begin(smallIssue('flapping', { deployTimeout: '12s' }))).result();
    expect(outcome).toMatchObject({
      ...{ result: 'rolled_back', reason: { code: 'DeployFailed' } },
    });
    expect(effects('flapping')).toEqual([BATCHES[0], `${OLD} h1`]);
  },

  async 'a mitigation that failed is no success, though the series recovers (keptn#4147)'() {
    const outcome = await (await begin(smallIssue('unhealed'))).result();
    expect(outcome).toMatchObject({
      result: 'completed',
      risks: [{ happened: true, mitigation: 'restart', mitigated: false }],
    });
    const [mitigation] = outcome!.actions.filter(({ type }) => type === 'mitigate');
    expect(mitigation).toMatchObject({ result: 'failed' });
  },

  async 'a breach shorter than `for` is no breach (argo-rollouts#4792)'() {
    const handle = await begin(smallIssue('blip', { observation: 16, for: '8s' }));
    expect(await handle.result()).toMatchObject({ result: 'completed', actions: [{}, {}, {}] });
    expect(effects('blip')).toEqual(BATCHES);
  },

  async 'NaN is no value (flagger#1098)'() {
    await abort(await stopsFor('nan', 'NoData'));
    expect(effects('nan')).toEqual([BATCHES[0], `${OLD} h1`]);
  },

  async 'infinity is no value (argo-rollouts#1466)'() {
    await abort(await stopsFor('infinite', 'NoData'));
  },

  async 'no good sample is no pass, and observation cut by an abort is not judged (argo-rollouts#4479, #1329)'() {
    const handle = await begin(smallIssue('silent', { observation: 120 }));
    await until(handle, ({ phase }) => phase === 'observing');
    await update(handle, 'abort', { by: 'Ana', reason: 'the test' });
    const outcome = await handle.result();
    expect(outcome?.result).toBe('aborted');
    expect(Object.values(outcome?.batches[0]?.verdicts ?? {})).not.toContain('ok');
  },

  async 'each host goes back to what it ran, with three versions in the fleet (orca PR#3341)'() {
    const targets = {
      [OLD]: HOSTS.slice(1, 7).filter((id) => id !== 'h3'),
      'v0.9.0': ['h1', 'h3'],
    };
    const system = world.systemOf('mixed');
    for (const index of [0, 2]) system.hosts()[index]!.services[0]!.version = 'v0.9.0';
    const outcome = await (await begin(smallIssue('mixed', { targets }))).result();
    expect(outcome?.result).toBe('rolled_back');
    const back = effects('mixed').slice(-2).sort();
    expect(back).toEqual(['v0.9.0 h1,h3', `${OLD} h2`]);
  },

  async 'nothing goes back to a version whose release was aborted (argo-rollouts#3039)'() {
    const aborted = await world.store.record(smallDraft('bad-target', { candidate: OLD }));
    await world.store.recordOutcome({
      ...{ issue_id: aborted.issue_id, digest: aborted.digest, result: 'aborted' },
      ...{ started_at: aborted.created_at, ended_at: aborted.created_at },
      ...{ batches: [], rules: [], risks: [], actions: [] },
    });
    const handle = await begin(smallIssue('bad-target', { answers: ['rollback'] }));
    const { reason } = await until(handle, ({ phase }) => phase === 'needs_person');
    expect(reason).toMatchObject({ code: 'RollbackFailed' });
    expect(reason?.text).toContain(`the last release of ${OLD} was aborted`);
    expect(effects('bad-target')).toEqual([BATCHES[0], BATCHES[1]]);
    await update(handle, 'abort', { by: 'Ana', reason: 'by hand' });
    const outcome = await handle.result();
    expect(outcome).toMatchObject({ result: 'needs_person', hosts_left: ['h1', 'h2', 'h3'] });
    // People were told once that it stopped, with the hosts, and that it ended.
    const told = world.notices.filter(({ data }) => data.service === 'bad-target');
    expect(told.map(({ type, data }) => [type, data.hosts_left])).toEqual([
      ['rollout.stopped', ['h1', 'h2', 'h3']],
      ['rollout.ended', ['h1', 'h2', 'h3']],
    ]);
  },

  async 'waits while another version of the service is released (kargo#7032)'() {
    const of = { service: 'queued', version: 'v1.0.9', workflow_id: 'release-prep/queued/v1.0.9' };
    world.holders.set('queued', {
      ...{ ...of, phase: 'releasing', held_by: 'release/queued/v1.0.9' },
      ...{ since: new Date().toISOString(), until: null },
    });
    const handle = await begin(smallIssue('queued'));
    await until(handle, ({ reason }) => reason?.text.includes('v1.0.9 is being released') ?? false);
    expect(effects('queued')).toEqual([]);
    world.holders.delete('queued');
    expect(await handle.result()).toMatchObject({ result: 'completed' });
  },

  async 'an outcome that cannot be stored rolls nothing back (orca PR#3329)'() {
    const outcome = await (await begin(smallIssue('unstored'))).result();
    expect(outcome?.result).toBe('completed');
    expect(released('unstored')).toBe(HOSTS.length);
    expect(effects('unstored')).toEqual(BATCHES);
  },

  async 'continue after expiry is refused, a rollback is not (argo-rollouts#3534)'() {
    const handle = await begin(smallIssue('expired', { observation: 90, expiresInMs: 25_000 }));
    await until(handle, ({ phase }) => phase === 'observing');
    await update(handle, 'pause', { by: 'Ana', reason: 'night' });
    await sleep(26_000);
    expect(await refused(update(handle, 'continue', { by: 'Ana' }))).toBe('Expired');
    await abort(handle);
    expect(effects('expired')).toEqual([BATCHES[0], `${OLD} h1`]);
  },

  async 'an abort during the last deploy wins (argo-rollouts#4461), and its rollback begins no batch (vroom PR#327)'() {
    const handle = await begin(smallIssue('last'));
    await until(handle, ({ phase, batch }) => phase === 'deploying' && batch === 3);
    await abort(handle);
    const all = [...HOSTS].join(',');
    expect(effects('last')).toEqual([...BATCHES, `${OLD} ${all}`]);
    expect(released('last')).toBe(0);
  },

  async 'pauses in any number end in the same release (argo-rollouts#4265)'() {
    const handle = await begin(smallIssue('stuttering', { observation: 6 }));
    for (let i = 0; i < 4; i += 1) {
      const state = await waitUntil(
        () => stateOf(handle),
        ({ phase }) => phase === 'observing' || phase === 'completed',
        { timeoutMs: 100_000 },
      );
      if (state.phase === 'completed') break;
      await update(handle, 'pause', { by: 'Ana', reason: `${i}` }).catch(() => undefined);
      await sleep(500);
      await update(handle, 'continue', { by: 'Ana' }).catch(() => undefined);
    }
    expect(await handle.result()).toMatchObject({ result: 'completed' });
    expect(effects('stuttering')).toEqual(BATCHES);
  },

  async 'an abort while the repair is observed rolls back what was repaired'() {
    const handle = await begin(smallIssue('mended', { observation: 30 }));
    await until(handle, ({ phase }) => phase === 'repairing');
    await abort(handle);
    expect(effects('mended').slice(-2)).toEqual(['restart h1', `${OLD} h1`]);
    expect(released('mended')).toBe(0);
  },

  async 'a host of the batch that runs another version stops it (flagger#30)'() {
    const handle = await begin(smallIssue('drifting', { observation: 120 }));
    await until(handle, ({ phase }) => phase === 'observing');
    world.systemOf('drifting').hosts()[0]!.services[0]!.version = 'v9';
    const { reason } = await until(handle, ({ phase }) => phase === 'needs_person');
    expect(reason).toMatchObject({ code: 'VersionDrift' });
    await update(handle, 'abort', { by: 'Ana', reason: 'who was that?' });
    expect(await handle.result()).toMatchObject({ result: 'aborted' });
    expect(effects('drifting')).toEqual([BATCHES[0]]);
  },
};

let running: Awaited<ReturnType<typeof runScenarios>> | undefined;
beforeAll(async () => {
  bench = await startBench();
  const plain =
    'compared idle flapping blip nan infinite silent mixed bad-target queued unstored mended expired stuttering drifting';
  world = await startSmallWorld(
    {
      ...Object.fromEntries(plain.split(' ').map((name) => [name, {}])),
      endless: {
        fate: ({ kind }, earlier) =>
          earlier.length === 0 && kind === 'deployment' ? { end: 'never' } : {},
      },
      turning: {
        fate: (change) =>
          change.kind === 'deployment' && change.version === 'v1.0.0' ? { afterMs: 5_000 } : {},
      },
      unhealed: { fate: ({ kind }) => (kind === 'mitigation' ? { end: 'failed' } : {}) },
      last: { fate: ({ host_ids: { length } }) => (length === 4 ? { afterMs: 6_000 } : {}) },
    },
    (service, at, system, query) => {
      const count = released(service);
      const repaired = system.changes.some(({ kind }) => kind === 'mitigation');
      if (query.startsWith('idle')) return 50;
      if (query.includes(' / ')) {
        compared.add(query);
        return count === 3 && !repaired ? 4 : 1;
      }
      switch (service) {
        case 'unhealed':
          return count === 3 && !repaired ? 50 : 5;
        case 'bad-target':
        case 'turning':
          return count === 3 ? 50 : 5;
        case 'mended':
          return count > 0 && !repaired ? 50 : 5;
        case 'mixed':
          return count >= 2 ? 50 : 5;
        case 'blip':
          return at % 16 < 5 ? 50 : 5;
        case 'nan':
          return count > 0 ? 'NaN' : 5;
        case 'infinite':
          return count > 0 ? '+Inf' : 5;
        case 'silent':
          return null;
        default:
          return 5;
      }
    },
  );
  const look = world.activities.readFleet;
  let looks = 0;
  world.activities.readFleet = async (args) => {
    const fleet = await look(args);
    // Healthy at every second look alone.
    if (args.service !== 'flapping' || (looks += 1) % 2 === 0) return fleet;
    return fleet.map((host) => (host.version === NEW ? { ...host, healthy: false } : host));
  };
  const record = world.activities.recordOutcome;
  world.activities.recordOutcome = async (outcome) => {
    if (outcome.issue_id.startsWith('unstored'))
      throw ApplicationFailure.nonRetryable('the store is down');
    return record(outcome);
  };
  running = await runScenarios(CASES, {
    ...{ bench, activities: world.activities, limitMs: LIMIT_MS },
    onQueue: (taskQueue) => void (queue = taskQueue),
  });
}, 400_000);
afterAll(async () => {
  await running?.stop();
  await world?.stop();
  await bench?.close();
});

it.each(Object.keys(CASES))('%s', (name) => running!.passes(name));
