import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { Outcome } from '../../../src/domain/records/outcome';
import { quiet, releasePrepBundle } from '../../fixtures/processes/release-worker';
import { deliver } from '../../fixtures/releases/drive-release';
import { HOSTS, smallDraft } from '../../fixtures/releases/small-release';
import { startSmallWorld, type SmallWorld } from '../../fixtures/releases/small-world';
import { startTimeSkipping } from '../../fixtures/servers/time-skipping';

jest.setTimeout(180_000);

/** As a policy has them: ten minutes, half an hour, an hour. Timers cost no time on this server. */
const OBSERVATION = [600, 1_800, 3_600] as const;
const DAY_MS = 86_400_000;
const QUEUE = 'long-releases';
const SERVICES = ['calm', 'mended', 'broken', 'silent', 'worse'];
/** Compared with the hosts that are not released, beyond twice as much. */
const COMPARED = ['calm', 'worse'];

let temporal: TestWorkflowEnvironment;
let world: SmallWorld;
beforeAll(async () => {
  quiet();
  temporal = await startTimeSkipping();
  world = await startSmallWorld(
    Object.fromEntries(SERVICES.map((name) => [name, { fate: () => ({ afterMs: 0 }) }])),
    (service, _, system, query) => {
      const { changes } = system;
      const released = system
        .hosts()
        .filter(({ services }) => services[0]?.version === 'v1.1.0').length;
      // Under the limit of 2 all the time.
      if (query.includes(' / ')) return service === 'worse' && released === 3 ? 1.9 : 1;
      const repaired = changes.some(({ kind }) => kind === 'mitigation');
      if (service === 'silent') return released > 0 ? null : 5;
      const faulty = service === 'broken' || (service === 'mended' && !repaired);
      return faulty && released === 3 ? 50 : 5;
    },
  );
}, 180_000);
afterAll(async () => {
  await world?.stop();
  await temporal?.teardown();
});

async function release(service: string): Promise<{ outcome: Outcome; seconds: number }> {
  const worker = await Worker.create({
    ...{ connection: temporal.nativeConnection, taskQueue: QUEUE, activities: world.activities },
    workflowBundle: await releasePrepBundle(),
  });
  return worker.runUntil(async () => {
    const began = Date.now();
    const draft = smallDraft(service, {
      ...{ observation: OBSERVATION, for: '60s', expiresInMs: DAY_MS },
      compared: COMPARED.includes(service),
    });
    // Expressions of comparisons are read from the store.
    const issue = await world.store.record(draft);
    const handle = await deliver(temporal.client, issue, QUEUE);
    const outcome = await handle.result();
    return { outcome: outcome!, seconds: (Date.now() - began) / 1000 };
  });
}
const lasted = ({ started_at: from, ended_at: to }: Outcome): number =>
  (Date.parse(to) - Date.parse(from)) / 1000;
const effects = (service: string): string[] =>
  world.systemOf(service).changes.map((change) => {
    const what = change.kind === 'deployment' ? change.version : change.action;
    return `${what} ${change.host_ids.join(',')}`;
  });

it('observes each batch for its whole time: 600, 1800 and 3600 s', async () => {
  const { outcome, seconds } = await release('calm');
  expect(outcome.result).toBe('completed');
  expect(lasted(outcome)).toBeGreaterThanOrEqual(6_000);
  expect(lasted(outcome)).toBeLessThan(6_600);
  outcome.batches.forEach(({ deployed_at: from, observed_until: until }, index) => {
    const observed = (Date.parse(until ?? '') - Date.parse(from)) / 1000;
    expect(observed).toBeGreaterThanOrEqual(OBSERVATION[index]!);
    expect(observed).toBeLessThan(OBSERVATION[index]! + 120);
  });
  expect(outcome.batches.map(({ hosts }) => hosts.length)).toEqual([1, 2, 4]);
  process.stderr.write(`a release of ${lasted(outcome)} s took ${seconds} s\n`);
});

it('answers a fault in batch 2 within `for` and two looks, and observes the repair for its time', async () => {
  const { outcome } = await release('mended');
  expect(outcome).toMatchObject({ result: 'completed', risks: [{ mitigated: true }] });
  const mitigation = outcome.actions.find(({ type }) => type === 'mitigate')!;
  const begun = Date.parse(outcome.batches[1]!.deployed_at);
  expect(Date.parse(mitigation.at) - begun).toBeLessThanOrEqual(135_000);
  const until = Date.parse(outcome.batches[1]!.observed_until!);
  expect(until - Date.parse(mitigation.ended_at!)).toBeGreaterThanOrEqual(1_800_000);
});

it('rolls back when the fault comes again', async () => {
  const { outcome } = await release('broken');
  expect(outcome.result).toBe('rolled_back');
  expect(effects('broken').slice(2)).toEqual(['restart h2,h3', 'v1.0.0 h1,h2,h3']);
});

it('stops early where a sequential test proves a fault that no single sample shows', async () => {
  const { outcome } = await release('worse');
  expect(outcome).toMatchObject({
    result: 'rolled_back',
    reason: { code: 'Breached', text: expect.stringContaining('by a sequential test') },
  });
  const [, second] = outcome.batches;
  const stopped = Date.parse(outcome.actions.find(({ version }) => version === 'v1.0.0')!.at);
  expect((stopped - Date.parse(second!.deployed_at)) / 1000).toBeLessThan(OBSERVATION[1] / 3);
  expect(effects('worse').slice(2)).toEqual(['v1.0.0 h1,h2,h3']);
});

it('without data it waits a week for a person, and deploys nothing meanwhile', async () => {
  const { outcome } = await release('silent');
  expect(outcome).toMatchObject({ result: 'needs_person', reason: { code: 'NobodyCame' } });
  expect(lasted(outcome)).toBeGreaterThan(7 * 86_400);
  expect(effects('silent')).toEqual(['v1.1.0 h1']);
  expect(world.systemOf('silent').hosts()).toHaveLength(HOSTS.length);
});
