import { startBench, type Bench } from '../../fixtures/processes/release-worker';
import { deliver, stateOf, until, update } from '../../fixtures/releases/drive-release';
import { HOSTS, hostsOf, smallIssue } from '../../fixtures/releases/small-release';
import { startSmallWorld, type SmallWorld } from '../../fixtures/releases/small-world';

jest.setTimeout(180_000);

/** So few events that a release of three batches needs several runs. */
const EVENTS_A_RUN = 50;
const [OLDER, OLD, NEW] = ['v0.9.0', 'v1.0.0', 'v1.1.0'];
let bench: Bench;
let world: SmallWorld;
beforeAll(async () => {
  bench = await startBench({ 'limit.historyCount.suggestContinueAsNew': EVENTS_A_RUN });
  const hosts = [
    ...hostsOf('broken', { version: OLDER }).slice(0, 1),
    ...hostsOf('broken').slice(1),
  ];
  world = await startSmallWorld({ broken: { hosts } }, (_service, _at, system) => {
    const released = system.hosts().filter(({ services }) => services[0]?.version === NEW);
    return released.length >= 3 ? 50 : 5;
  });
}, 400_000);
afterAll(async () => {
  await world?.stop();
  await bench?.close();
});

it('keeps targets, answers and pauses over runs that are continued as new', async () => {
  // One host ran another version before: it goes back to that one.
  const targets = { [OLD]: HOSTS.slice(1), [OLDER]: HOSTS.slice(0, 1) };
  const issue = smallIssue('broken', { targets });
  await bench.withExecutor(world.activities, async (taskQueue) => {
    const handle = await deliver(bench.client, issue, taskQueue);
    const first = (await handle.describe()).runId;
    await until(handle, ({ phase, batch }) => phase === 'observing' && batch === 1);
    await update(handle, 'pause', { by: 'Ana', reason: 'lunch' });
    await update(handle, 'continue', { by: 'Ana' });
    const outcome = await handle.result();
    expect(outcome).toMatchObject({ result: 'rolled_back', digest: issue.digest });
    const events = (await stateOf(handle)).events.map(({ type }) => type);
    expect(events).toEqual(expect.arrayContaining(['pause', 'continue', 'mitigate', 'rollback']));
    const last = await handle.describe();
    expect(last.runId).not.toBe(first);
    expect(
      (await bench.client.workflow.getHandle(handle.workflowId, first).describe()).status.name,
    ).toBe('CONTINUED_AS_NEW');
    expect(last.historyLength).toBeLessThan(2 * EVENTS_A_RUN);
  });
  const system = world.systemOf('broken');
  const effects = system.changes.map((one) =>
    [one.kind === 'deployment' ? one.version : one.action, ...one.host_ids].join(' '),
  );
  expect(effects.slice(0, 3)).toEqual([`${NEW} h1`, `${NEW} h2 h3`, 'restart h2 h3']);
  expect(effects.slice(3).sort()).toEqual([`${OLDER} h1`, `${OLD} h2 h3`]);
  const versions = system.hosts().map(({ services }) => services[0]?.version);
  expect(versions).toEqual([OLDER, ...HOSTS.slice(1).map(() => OLD)]);
});
