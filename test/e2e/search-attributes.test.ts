import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findTemporalCli } from '../../src/embedded/temporal-cli';
import { startPlainTemporal, type PlainTemporal } from '../fixtures/servers/plain-temporal';
import { createAuthority, createCertificate } from '../fixtures/servers/certificates';
import { startTemporalGateway, type TemporalGateway } from '../fixtures/servers/temporal-gateway';
import { runCommand } from '../fixtures/processes/command-line';

/*
 * A namespace without our search attributes, in which a preparation is the first command: with credentials that may
 * register them, and with credentials that may not.
 */
jest.setTimeout(300_000);

const OPERATOR_KEY = 'key-of-an-operator';
const folder = mkdtempSync(path.join(os.tmpdir(), 'search-attributes-'));
const REQUEST = ['--service', 'cart', '--version', 'v1.1.0', '--detach'];

let temporal: PlainTemporal;
let gateway: TemporalGateway;
let plain: Record<string, string>;
let secured: Record<string, string>;

beforeEach(async () => {
  temporal = await startPlainTemporal();
  const { address } = temporal;
  const authority = await createAuthority();
  gateway = await startTemporalGateway({
    backend: address,
    server: await createCertificate(authority),
    operator: { methods: ['AddSearchAttributes'], apiKey: OPERATOR_KEY },
  });
  const ca = path.join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  plain = { TEMPORAL_ADDRESS: address, HOME: folder };
  secured = {
    HOME: folder,
    TEMPORAL_ADDRESS: gateway.address,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca,
    TEMPORAL_API_KEY: 'key-of-a-user',
  };
});
afterEach(async () => {
  await gateway?.stop();
  await temporal?.stop();
});

/** A line as it was printed, by a shell that finds the Temporal CLI. */
const shell = async (line: string, env: Record<string, string>): Promise<string> => {
  const programs = path.dirname(await findTemporalCli());
  return new Promise((resolve, reject) =>
    execFile(
      'sh',
      ['-c', line],
      { env: { ...env, PATH: `${programs}:${process.env['PATH'] ?? ''}` } },
      (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)),
    ),
  );
};

it('registers them before the first preparation, where it may', async () => {
  const started = await runCommand(['prepare', ...REQUEST], plain);
  expect([started.code, started.stderr]).toEqual([0, expect.stringContaining('no worker polls')]);
  expect(await shell('temporal operator search-attribute list', plain)).toContain('ReleaseService');
});

it('starts nothing and prints the command to run, where it may not', async () => {
  for (const command of [['doctor'], ['prepare', ...REQUEST]]) {
    const refused = await runCommand(command, secured);
    const said = refused.stdout + refused.stderr;
    expect([command, refused.code]).toEqual([command, 4]);
    expect(said).toMatch(/search attributes .* are missing in namespace default/);
    expect(said).toContain('PERMISSION_DENIED');
  }
  const { stderr } = await runCommand(['prepare', ...REQUEST], secured);
  const printed = /^\s*(temporal operator search-attribute create .*)$/m.exec(stderr)?.[1] ?? '';
  expect(await shell('temporal workflow list', plain)).not.toContain('cart');

  await shell(printed, { ...secured, TEMPORAL_API_KEY: OPERATOR_KEY });
  const started = await runCommand(['prepare', ...REQUEST], secured);
  expect(started.code).toBe(0);
  expect(await shell('temporal workflow list', plain)).toContain('cart');
});
