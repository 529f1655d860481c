import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createReleaseSystem } from '../../src/adapters/release-system/release-system';

const HOST = {
  host_id: 'a',
  host_ip: '10.0.0.1',
  status: 'running',
  services: [{ name: 'cart', version: 'v1', status: 'active' }],
};
function hostsIn(content: unknown) {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'hosts-')), 'hosts.json');
  writeFileSync(file, JSON.stringify(content));
  return createReleaseSystem({ url: `file:${file}` }).hostsOf('cart');
}

it('takes {"hosts": […]} and a list alone', async () => {
  expect(await hostsIn({ hosts: [HOST] })).toHaveLength(1);
  expect(await hostsIn([HOST])).toHaveLength(1);
});

it.each([{ hosts: [HOST, {}] }, [HOST, {}]])('names each missing key at once', async (content) => {
  await expect(hostsIn(content)).rejects.toThrow(
    /hosts\.1\.host_id: is missing; hosts\.1\.host_ip: is missing; hosts\.1\.status: is missing; hosts\.1\.services: is missing/,
  );
});

it('shows what stands in the place of a value', async () => {
  const services = [{ name: 'cart', version: 1, status: 'active' }];
  await expect(hostsIn([{ ...HOST, status: 5, services }])).rejects.toThrow(
    /hosts\.0\.status: .*, not 5; hosts\.0\.services\.0\.version: .*, not 1/,
  );
});

it.each(['cart', 5, null, { host: [] }])('says which shape it expects: %j', async (content) => {
  await expect(hostsIn(content)).rejects.toThrow(/hosts/);
});
