import { serveJson, type SandboxServer } from '../../sandbox/http-server';
import { startReleaseSystem } from '../../sandbox/release-system';
import {
  createHostActions,
  idempotencyKeyOf,
} from '../../src/adapters/release-system/host-actions';
import { stateOf } from '../../src/guard/guard';
import { permitFor, type HostAction, type Permit } from '../../src/guard/permit';
import { exampleHosts } from '../fixtures/stacks/stack';
import { waitUntil } from '../fixtures/wait';
import { approve, at, deploy, DIGEST, guardedIssue } from '../guard/guarded-issue';

let server: SandboxServer | undefined;
afterEach(() => server?.stop());

const issue = { ...guardedIssue(), service: 'user-service' };
const DEPLOY: HostAction = {
  ...{ type: 'deploy', batch_id: 1, host_ids: ['h1'], version: 'v2', digest: DIGEST },
};
const ROLLBACK: HostAction = {
  ...{ type: 'rollback', host_ids: ['h1'], version: 'v1', digest: DIGEST },
};
const permitOf = (action: HostAction, changes: object = {}): Permit => {
  const events = action.type === 'deploy' ? [approve(0)] : [approve(0), deploy(1, 1)];
  const permit = permitFor({ ...issue, ...changes }, stateOf(events), action, at(5));
  if ('allowed' in permit) throw new Error(permit.message);
  return permit;
};

it('deploys what the permit allows, once for one key, and reads how far it is', async () => {
  const [host] = exampleHosts();
  const own = { ...host!, host_id: 'h1' };
  const system = await startReleaseSystem({ hosts: [own], fate: () => ({ afterMs: 20 }) });
  server = system;
  const actions = createHostActions({ url: system.url });
  const permit = permitOf(DEPLOY);
  const first = await actions.start(permit, 1);
  expect(await actions.start(permit, 1)).toEqual(first);
  expect(await actions.start(permitOf(DEPLOY), 1)).toEqual(first);
  expect(system.changes).toHaveLength(1);
  expect(system.changes[0]).toMatchObject({
    ...{ service: 'user-service', version: 'v2', host_ids: ['h1'] },
    key: idempotencyKeyOf(permit, 1),
  });
  await waitUntil(async () => (await actions.read(first)).status === 'succeeded');
  expect(system.hosts()[0]?.services[0]).toMatchObject({ version: 'v2', status: 'active' });
});

it('has one key for each digest, batch, action, host list and attempt', () => {
  const other = `sha256:${'b'.repeat(64)}`;
  const keys = [
    idempotencyKeyOf(permitOf(DEPLOY), 1),
    idempotencyKeyOf(permitOf(DEPLOY), 2),
    idempotencyKeyOf(permitOf(ROLLBACK), 1),
    idempotencyKeyOf(
      permitFor(
        { ...issue, digest: other },
        stateOf([approve(0, 'Bob', other)]),
        { ...DEPLOY, digest: other },
        at(5),
      ) as Permit,
      1,
    ),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

it('refuses an action without a permit, before anything is sent', async () => {
  let calls = 0;
  server = await serveJson(() => ({ body: { deployment_id: `d${(calls += 1)}` } }));
  const actions = createHostActions({ url: server.url });
  const forged = { ...permitOf(DEPLOY) };
  await expect(actions.start(forged, 1)).rejects.toMatchObject({ permanent: true });
  await expect(actions.start({ allowed: true } as unknown as Permit, 1)).rejects.toThrow(/permit/);
  expect(calls).toBe(0);
});

it('says of a file of hosts that it cannot deploy', async () => {
  const actions = createHostActions({ url: 'file:hosts.json' });
  expect(actions.canAct).toBe(false);
  await expect(actions.start(permitOf(DEPLOY), 1)).rejects.toMatchObject({
    permanent: true,
    message: expect.stringContaining('cannot deploy') as string,
  });
});

it.each([
  ['no id', { status: 'pending' }],
  ['the id of something else', { mitigation_id: 'm1' }],
  ['a list', []],
  ['an endless id', { deployment_id: 'x'.repeat(10_000) }],
])('takes %s for a broken answer', async (_, body) => {
  server = await serveJson(() => ({ body }));
  const actions = createHostActions({ url: server.url });
  await expect(actions.start(permitOf(DEPLOY), 1)).rejects.toMatchObject({ permanent: true });
});

it('reads numbers as ids, any case of a status, and names hosts that are not done', async () => {
  const hosts = [
    { host_id: 1, status: 'succeeded' },
    { host_id: 'h2', status: 'failed', message: 'disk full' },
  ];
  server = await serveJson((_, request) => ({
    body: request.method === 'POST' ? { deployment_id: 7 } : { status: 'FAILED', hosts },
  }));
  const actions = createHostActions({ url: server.url });
  const ref = await actions.start(permitOf(DEPLOY), 1);
  expect(ref).toEqual({ kind: 'deployment', id: '7' });
  expect(await actions.read(ref)).toEqual({
    status: 'failed',
    hosts: [{ host_id: 'h2', status: 'failed', message: 'disk full' }],
  });
});

it('leaves retries to the caller: an answer of 503 is no permanent failure', async () => {
  server = await serveJson(() => ({ status: 503, body: {} }));
  const actions = createHostActions({ url: server.url });
  await expect(actions.start(permitOf(DEPLOY), 1)).rejects.toMatchObject({ permanent: false });
});
