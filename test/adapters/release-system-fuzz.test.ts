import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { serveText, type TextServer } from '../fixtures/text-server';
import { Host } from '../../src/domain/host';
import { createReleaseSystem } from '../../src/adapters/release-system/release-system';
import { UpstreamError } from '../../src/adapters/upstream/upstream-error';
import { answersLike, expectCleanPrototype, noisy, RUNS, type Json } from '../fixtures/fuzz';

jest.setTimeout(600_000);

const detailed = (id: string): Json => ({
  host_id: id,
  host_ip: '192.168.1.11',
  status: 'running',
  zone: 'a',
  region: null,
  services: [{ name: 'user-service', version: 'v1.0.0', status: 'active' }],
  load: { cpu: 0.4, memory: 0.6 },
  labels: { rack: '7' },
});
const page = (): Json => ({
  hosts: [detailed('n1'), { host_id: 'n2', host_ip: '192.168.1.12' }, detailed('n3')],
  next_cursor: null,
});

let server: TextServer;
beforeAll(async () => void (server = await serveText()));
afterAll(() => server.stop());

/** Hosts of the documented shape, or the one documented error. */
async function expectHosts(read: Promise<unknown[]>): Promise<void> {
  const hosts = await read.catch((error: unknown) => {
    expect(error).toBeInstanceOf(UpstreamError);
    expect((error as Error).message.length).toBeLessThan(1_000);
    return [];
  });
  for (const host of hosts) expect(Host.safeParse(host).error).toBeUndefined();
  expectCleanPrototype();
}

it('reads or refuses any page of hosts', async () => {
  const system = createReleaseSystem({ url: server.url });
  await fc.assert(
    fc.asyncProperty(answersLike(page), async (text) => {
      server.answer = (url) =>
        url.startsWith('/v1/hosts?') ? text : JSON.stringify(detailed('n2'));
      await expectHosts(system.hostsOf('user-service'));
    }),
    { numRuns: 2 * RUNS },
  );
});

it('reads or refuses any details of a host', async () => {
  const system = createReleaseSystem({ url: server.url });
  await fc.assert(
    fc.asyncProperty(
      answersLike(() => detailed('n2')),
      async (text) => {
        server.answer = (url) => (url.startsWith('/v1/hosts?') ? JSON.stringify(page()) : text);
        await expectHosts(system.hostsOf('user-service'));
      },
    ),
    { numRuns: 2 * RUNS },
  );
});

it('reads or refuses any file of hosts', async () => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'hosts-')), 'hosts.json');
  const system = createReleaseSystem({ url: `file:${file}` });
  const hosts = (): Json => ({ hosts: [detailed('n1'), detailed('n2')] });
  await fc.assert(
    fc.asyncProperty(answersLike(hosts), async (text) => {
      writeFileSync(file, text);
      await expectHosts(system.hostsOf('user-service'));
    }),
    { numRuns: 2 * RUNS },
  );
});

it('passes keys of later versions by', async () => {
  const system = createReleaseSystem({ url: server.url });
  await fc.assert(
    fc.asyncProperty(
      noisy(() => ({ hosts: [detailed('n1')] }), ['labels']),
      async (text) => {
        server.answer = () => text;
        expect(await system.hostsOf('user-service')).toEqual([detailed('n1')]);
      },
    ),
    { numRuns: RUNS },
  );
});
