import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { serveJson, type SandboxServer } from '../../sandbox/http-server';
import { startReleaseSystem } from '../../sandbox/release-system';
import { createReleaseSystem } from '../../src/adapters/release-system/release-system';
import { exampleHosts } from '../fixtures/stacks/stack';

let server: SandboxServer | undefined;
afterEach(() => server?.stop());

it('reads all pages and the details of each host, in order', async () => {
  const system = await startReleaseSystem({ hosts: exampleHosts(), token: 't', pageSize: 2 });
  server = system;
  const hosts = await createReleaseSystem({ url: system.url, token: 't' }).hostsOf('user-service');
  expect(hosts).toEqual(exampleHosts());
});

it('fails for good, without the token in the message, when the token is wrong', async () => {
  const system = await startReleaseSystem({ hosts: exampleHosts(), token: 't' });
  server = system;
  const reading = createReleaseSystem({ url: system.url, token: 'wrong-secret' }).hostsOf(
    'user-service',
  );
  await expect(reading).rejects.toMatchObject({ status: 401, permanent: true });
  await expect(reading).rejects.not.toThrow('wrong-secret');
});

it('takes a host that is gone meanwhile for gone', async () => {
  server = await serveJson(({ pathname }) =>
    pathname === '/v1/hosts'
      ? { body: { hosts: [{ host_id: 'a', host_ip: '1.1.1.1' }] } }
      : { status: 404, body: {} },
  );
  const hosts = await createReleaseSystem({ url: server.url }).hostsOf('s');
  expect(hosts).toEqual([{ host_id: 'a', host_ip: '1.1.1.1', status: 'gone', services: [] }]);
});

it('refuses a host whose id no address can hold', async () => {
  server = await serveJson(() => ({
    body: { hosts: [{ host_id: 'a\ud800', host_ip: '1.1.1.1' }] },
  }));
  const reading = createReleaseSystem({ url: server.url }).hostsOf('s');
  await expect(reading).rejects.toMatchObject({ name: 'UpstreamError', permanent: true });
});

it('makes no second call for an item that has its details, and keeps a path in the base address', async () => {
  const asked: string[] = [];
  const [host] = exampleHosts();
  server = await serveJson(({ pathname }) => {
    asked.push(pathname);
    return { body: { hosts: [host] } };
  });
  await createReleaseSystem({ url: `${server.url}/api/release` }).hostsOf('user-service');
  expect(asked).toEqual(['/api/release/v1/hosts']);
});

it('ends pages without hosts that always name a next one', async () => {
  let asked = 0;
  server = await serveJson(() => ({ body: { hosts: [], next_cursor: `c${(asked += 1)}` } }));
  const reading = createReleaseSystem({ url: server.url }).hostsOf('s');
  await expect(reading).rejects.toThrow(/21 pages of hosts of s in a row are empty/);
  await expect(reading).rejects.toMatchObject({ permanent: true });
  expect(asked).toBe(21);
});

it('ends pages of one host after 4,000', async () => {
  let asked = 0;
  server = await serveJson(() => {
    const id = String((asked += 1));
    return { body: { hosts: [{ host_id: id, host_ip: '1.1.1.1' }], next_cursor: id } };
  });
  const reading = createReleaseSystem({ url: server.url }).hostRefsOf('s');
  await expect(reading).rejects.toThrow(/more than 4000 pages/);
  expect(asked).toBe(4_000);
});

it('refuses a cursor that no address has room for', async () => {
  server = await serveJson(() => ({ body: { hosts: [], next_cursor: 'c'.repeat(2_001) } }));
  const reading = createReleaseSystem({ url: server.url }).hostsOf('s');
  await expect(reading).rejects.toThrow(/next_cursor/);
});

it.each([
  ['a cursor that comes again', { hosts: [], next_cursor: 'x' }, 'came twice'],
  ['one host twice', { hosts: [exampleHosts()[0], exampleHosts()[0]] }, 'came twice'],
  ['another shape', { items: [] }, 'hosts'],
])('refuses %s', async (_name, body, message) => {
  server = await serveJson(() => ({ body }));
  await expect(createReleaseSystem({ url: server.url }).hostsOf('s')).rejects.toThrow(message);
});

it('escapes service names and host ids', async () => {
  const odd = 'a b/ü?&#"';
  const asked: string[] = [];
  server = await serveJson((address) => {
    asked.push(address.searchParams.get('service') ?? decodeURIComponent(address.pathname));
    const host = { host_id: odd, host_ip: '1.1.1.1' };
    return {
      body:
        address.pathname === '/v1/hosts'
          ? { hosts: [host] }
          : { ...host, status: 'running', services: [] },
    };
  });
  await createReleaseSystem({ url: server.url }).hostsOf(odd);
  expect(asked).toEqual([odd, `/v1/hosts/${odd}`]);
});

it('reads a file, and names it when it is broken or missing', async () => {
  const file = path.join(await mkdtemp(path.join(os.tmpdir(), 'hosts-')), 'hosts.json');
  await writeFile(file, JSON.stringify({ hosts: exampleHosts() }));
  expect(await createReleaseSystem({ url: `file:${file}` }).hostsOf('user-service')).toHaveLength(
    7,
  );
  expect(await createReleaseSystem({ url: `file://${file}` }).hostsOf('other')).toEqual([]);
  const ofFile = createReleaseSystem({ url: `file:${file}` });
  expect(await ofFile.serviceNames?.()).toEqual(['user-service']);
  await writeFile(file, '{"hosts": [{}]}');
  await expect(createReleaseSystem({ url: `file:${file}` }).hostsOf('s')).rejects.toThrow(
    /hosts\.json: hosts\.0/,
  );
  await expect(createReleaseSystem({ url: 'file:/nowhere.json' }).hostsOf('s')).rejects.toThrow(
    '/nowhere.json',
  );
});

describe('what it can do', () => {
  it.each([
    [
      'what it says, each action once',
      200,
      { actions: ['deploy', 'restart', 'restart'] },
      ['deploy', 'restart'],
    ],
    ['deploy and rollback where it has no such path', 404, {}, ['deploy', 'rollback']],
    [
      'deploy and rollback where it answers every path alike',
      200,
      { hosts: [] },
      ['deploy', 'rollback'],
    ],
  ])('is %s', async (_name, status, body, expected) => {
    server = await serveJson(() => ({ status, body }));
    expect(await createReleaseSystem({ url: server.url }).capabilities()).toEqual(expected);
  });

  it('is not known where the token is wrong', async () => {
    server = await serveJson(() => ({ status: 401, body: {} }));
    await expect(createReleaseSystem({ url: server.url }).capabilities()).rejects.toMatchObject({
      permanent: true,
    });
  });
});
