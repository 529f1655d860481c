import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Runtime } from '@temporalio/worker';
import {
  createAuthority,
  createCertificate,
  type Certificate,
} from '../../fixtures/servers/certificates';
import { QUIET, startSmallStack, type SmallStack } from '../../fixtures/stacks/small-stack';
import { startWorker } from '../../fixtures/processes/product-process';
import { releasePrep } from '../../fixtures/stacks/stack';
import {
  startTemporalGateway,
  type TemporalGateway,
} from '../../fixtures/servers/temporal-gateway';

jest.setTimeout(180_000);

const SERVICE = 'user-service';
const API_KEY = 'canary-temporal-api-key';

let stack: SmallStack;
let gateway: TemporalGateway;
let files: Record<'ca' | 'otherCa' | 'cert' | 'key' | 'otherCert' | 'otherKey', string>;
beforeAll(async () => {
  Runtime.install(QUIET);
  stack = await startSmallStack({ service: SERVICE });
  const write = (name: string, text: string) => {
    const file = path.join(stack.folder, name);
    writeFileSync(file, text);
    return file;
  };
  const authority = await createAuthority();
  const other = await createAuthority('Other authority');
  const clientOf = (of: Certificate) => createCertificate(of, { client: true });
  const [server, client, stranger] = await Promise.all([
    createCertificate(authority),
    clientOf(authority),
    clientOf(other),
  ]);
  files = {
    ca: write('ca.pem', authority.cert),
    otherCa: write('other-ca.pem', other.cert),
    cert: write('client.pem', client.cert),
    key: write('client.key', client.key),
    otherCert: write('stranger.pem', stranger.cert),
    otherKey: write('stranger.key', stranger.key),
  };
  gateway = await startTemporalGateway({
    ...{ backend: stack.temporal.address, server },
    ...{ clientAuthority: authority.cert, apiKey: API_KEY },
  });
}, 400_000);
afterAll(async () => {
  await gateway?.stop();
  await stack?.stop();
});

const secured = (more: Record<string, string> = {}) =>
  stack.environment({
    TEMPORAL_ADDRESS: gateway.address,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: files.ca,
    TEMPORAL_TLS_CLIENT_CERT_PATH: files.cert,
    TEMPORAL_TLS_CLIENT_KEY_PATH: files.key,
    TEMPORAL_API_KEY: API_KEY,
    ...more,
  });

it('prepares through mTLS with an API key, which every call carries as a bearer token', async () => {
  const env = secured({ EXECUTOR_WORKFLOW_TYPE: '' });
  const worker = await startWorker(env);
  const run = await releasePrep(
    ['prepare', '--service', SERVICE, '--version', 'v1.1.0', '--json'],
    env,
  );
  await worker.stop();
  expect(run.err).not.toContain(API_KEY);
  expect(run.code).toBe(0);
  const asked = new Set(gateway.calls.map((call) => call.path.split('/').at(-1)));
  for (const call of ['StartWorkflowExecution', 'PollActivityTaskQueue', 'PollWorkflowTaskQueue'])
    expect(asked).toContain(call);
  expect(new Set(gateway.calls.map(({ authorization }) => authorization))).toEqual(
    new Set([`Bearer ${API_KEY}`]),
  );
});

it('takes the same from a profile of temporal.toml', async () => {
  const file = path.join(stack.folder, 'temporal.toml');
  writeFileSync(
    file,
    [
      '[profile.prod]',
      `address = "${gateway.address}"`,
      `api_key = "${API_KEY}"`,
      '[profile.prod.tls]',
      `server_ca_cert_path = "${files.ca}"`,
      `client_cert_path = "${files.cert}"`,
      `client_key_path = "${files.key}"`,
    ].join('\n'),
  );
  const env: Record<string, string> = stack.environment({
    TEMPORAL_CONFIG_FILE: file,
    TEMPORAL_PROFILE: 'prod',
  });
  delete env['TEMPORAL_ADDRESS'];
  const { out } = await releasePrep(['doctor'], env);
  expect(out).toMatch(
    new RegExp(
      `^ok +Temporal: server [\\d.]+ at ${gateway.address}, mTLS, API key, namespace default`,
      'm',
    ),
  );
  expect(out).not.toContain(API_KEY);
});

describe('a connection that fails ends with what to fix', () => {
  const without = (...names: string[]) =>
    Object.fromEntries(Object.entries(secured()).filter(([name]) => !names.includes(name)));
  const CERT = ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH'];
  const cases: [string, () => Record<string, string>, RegExp][] = [
    [
      'an authority that is not known',
      () => secured({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: files.otherCa }),
      /issued by an unknown authority: set TEMPORAL_TLS_SERVER_CA_CERT_PATH/,
    ],
    ['no client certificate', () => without(...CERT), /set TEMPORAL_TLS_CLIENT_CERT_PATH and/],
    [
      'a client certificate of a stranger',
      () =>
        secured({
          TEMPORAL_TLS_CLIENT_CERT_PATH: files.otherCert,
          TEMPORAL_TLS_CLIENT_KEY_PATH: files.otherKey,
        }),
      /client certificate from an authority that it trusts/,
    ],
    [
      'a wrong API key',
      () => secured({ TEMPORAL_API_KEY: 'canary-wrong-key' }),
      /rejected the credentials: fix TEMPORAL_API_KEY/,
    ],
    [
      'another name than that of the certificate',
      () => secured({ TEMPORAL_TLS_SERVER_NAME: 'temporal.example.com' }),
      /for another name: set TEMPORAL_TLS_SERVER_NAME/,
    ],
    [
      'no TLS towards TLS',
      () => stack.environment({ TEMPORAL_ADDRESS: gateway.address }),
      /it requires TLS: set TEMPORAL_TLS=true/,
    ],
    [
      'TLS towards none',
      () => stack.environment({ TEMPORAL_TLS: 'true' }),
      /it does not use TLS: unset TEMPORAL_TLS/,
    ],
    [
      'nobody there',
      () => stack.environment({ TEMPORAL_ADDRESS: '127.0.0.1:1' }),
      /127\.0\.0\.1:1: nothing listens at this address: start Temporal, or fix TEMPORAL_ADDRESS/,
    ],
  ];

  it('for the client and the doctor', async () => {
    const runs = await Promise.all(
      cases.map(async ([name, env, words]) => {
        const { code, err } = await releasePrep(['status', SERVICE, 'v1.1.0'], env());
        return {
          name,
          code,
          said: words.test(err) ? 'as it should' : err,
          leaks: /canary/.test(err),
        };
      }),
    );
    expect(runs).toEqual(
      cases.map(([name]) => ({ name, code: 4, said: 'as it should', leaks: false })),
    );
  });

  it('for the worker', async () => {
    const run = await releasePrep(['worker'], without(...CERT));
    expect(run.code).toBe(4);
    expect(run.err).toMatch(/set TEMPORAL_TLS_CLIENT_CERT_PATH and/);
  });

  it('and a client certificate without its key is a configuration error', async () => {
    const run = await releasePrep(['worker'], without('TEMPORAL_TLS_CLIENT_KEY_PATH'));
    expect(run.code).toBe(2);
    expect(run.err).toContain('a client certificate needs its key');
  });
});
