import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { CommandError, EXIT } from '../../src/cli/exit-codes';
import { readHosts } from '../../src/cli/read-input';
import { parseReleaseRequest } from '../../src/domain/release';
import { answersLike, expectCleanPrototype, RUNS, type Json } from '../fixtures/fuzz';

jest.setTimeout(600_000);

const hosts: Json = [
  { host_id: 'sh1-node-001', host_ip: '192.168.1.11' },
  { host_id: 'sh1-node-002', host_ip: '192.168.1.12' },
];

it('a file of hosts is read or refused as bad usage, whatever it holds', async () => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'input-')), 'hosts.json');
  const text = fc.oneof(
    answersLike(() => hosts),
    answersLike(() => ({ hosts })),
    fc.string({ unit: 'binary' }),
  );
  await fc.assert(
    fc.asyncProperty(text, async (content) => {
      writeFileSync(file, content);
      const read = await readHosts(file).catch((error: unknown) => {
        expect(error).toBeInstanceOf(CommandError);
        expect(error).toMatchObject({ exitCode: EXIT.usage });
        expect((error as Error).message.length).toBeLessThan(1_000);
        return undefined;
      });
      // What was read is judged host by host where the request is.
      const parsed = parseReleaseRequest({ service: 's', version: 'v1', hosts: read });
      expect(parsed.ok || parsed.errors.length > 0).toBe(true);
      expectCleanPrototype();
    }),
    { numRuns: 5 * RUNS },
  );
});

it('reads hosts in either form, and names a file that is not there', async () => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'input-')), 'hosts.json');
  for (const content of [hosts, { hosts, scope: 'all' }]) {
    writeFileSync(file, JSON.stringify(content));
    expect(await readHosts(file)).toEqual(hosts);
  }
  await expect(readHosts(`${file}.absent`)).rejects.toThrow(/hosts\.json\.absent/);
});

it.each([
  ['UTF-8 with its mark, from Windows', `\ufeff${JSON.stringify(hosts)}\r\n`, 'utf8' as const],
  ['UTF-16, from PowerShell', `\ufeff${JSON.stringify(hosts)}\r\n`, 'utf16le' as const],
])('reads hosts in %s', async (_, content, encoding) => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'input-')), 'hosts.json');
  writeFileSync(file, content, encoding);
  expect(await readHosts(file)).toEqual(hosts);
});

it.each([
  [
    'an inventory of Ansible',
    '[web]\nweb-1 ansible_host=10.0.0.1\n',
    /no JSON: [^\n]+must be a JSON list/,
  ],
  [
    'its JSON',
    '{"_meta": {"hostvars": {}}, "web": {"hosts": ["web-1"]}}',
    /must be a JSON list such as/,
  ],
  ['a list of names', '["web-1"]', /must be a JSON list such as \[{"host_id"/],
  ['nothing', '', /it is empty; --hosts must be/],
  ['no host', '[]', /for all hosts leave --hosts out/],
])('says what hosts look like: %s', async (_, content, message) => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'input-')), 'hosts.json');
  writeFileSync(file, content);
  await expect(readHosts(file)).rejects.toThrow(message);
});
