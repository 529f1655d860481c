import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Runtime } from '@temporalio/worker';
import { parseConfig } from '../../../src/config/config';
import { dataConverterOf } from '../../../src/bootstrap/run-data-converter';
import { startCodecServer } from '../../../src/codec/server';
import { findTemporalCli } from '../../../src/embedded/temporal-cli';
import { freePort } from '../../../src/embedded/server-process';
import { seePage } from '../../fixtures/servers/chromium';
import { runToEnd } from '../../fixtures/processes/process';
import { QUIET, startSmallStack, type SmallStack } from '../../fixtures/stacks/small-stack';
import { startWorker } from '../../fixtures/processes/product-process';
import { exampleHosts, releasePrep } from '../../fixtures/stacks/stack';
import { sleep } from '../../fixtures/wait';
import { historyToJSON } from '../../fixtures/history-json';

jest.setTimeout(180_000);

const SERVICE = 'vault-service';
const entry = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [K1, K2] = [entry('k1'), entry('k2')];

let stack: SmallStack;
let codecPort: number;
beforeAll(async () => {
  Runtime.install(QUIET);
  codecPort = await freePort();
  stack = await startSmallStack({
    service: SERVICE,
    codecEndpoint: `http://127.0.0.1:${codecPort}`,
    pageSize: 500,
  });
}, 400_000);
afterAll(() => stack?.stop());

const converterOf = (env: Record<string, string>) => dataConverterOf(parseConfig(env));
const prepareArgs = (version: string, ...more: string[]) => [
  'prepare',
  '--service',
  SERVICE,
  '--version',
  version,
  '--json',
  ...more,
];
const idOf = (version: string) => `release-prep/${SERVICE}/${version}`;

/** The bytes of each payload in JSON of the server or the CLI, as text. */
const payloadsIn = (json: string): string[] =>
  [...json.matchAll(/"data": "([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) =>
    Buffer.from(data, 'base64').toString('latin1'),
  );

/** All that the server keeps of a run but search attributes, which it sorts by and which stay readable. */
async function leftBehind(workflowId: string) {
  const history = await stack.client().workflow.getHandle(workflowId).fetchHistory();
  const json = historyToJSON(history);
  const payloads = payloadsIn(json.replace(/"indexedFields": \{.*?\n {8}\}/gs, ''));
  return { json, payloads };
}

async function withWorker<Result>(env: Record<string, string>, body: () => Promise<Result>) {
  const worker = await startWorker(env);
  try {
    return await stack.withExecutor(env, converterOf(env), body);
  } finally {
    await worker.stop();
  }
}

it('keeps a whole run from who reads the server: inputs, results, summaries, failures, signal, large payloads', async () => {
  const env = stack.environment({ PAYLOAD_ENCRYPTION_KEYS: K1 });
  // Enough hosts that the plan lies with the issues.
  stack.releaseSystem.setHosts(
    Array.from({ length: 2_000 }, (_, i) => ({
      ...{
        host_id: `vault-${'x'.repeat(100)}-zone${i % 5}-node-${i}`,
        host_ip: '10.0.0.1',
        status: 'running',
      },
      services: [{ name: SERVICE, version: 'v1.0.0', status: 'active' }],
    })),
  );
  const run = await withWorker(env, async () => {
    const done = await releasePrep(prepareArgs('v1.1.0'), env);
    const executor = stack.client(converterOf(env)).workflow.getHandle(`release/${SERVICE}/v1.1.0`);
    const state = await executor.query<{ received: unknown[] }>('state');
    await executor.terminate();
    return { done, state };
  });
  stack.releaseSystem.setHosts(exampleHosts(SERVICE));
  expect(run.done.err).not.toMatch(/failed \(/);
  expect(run.done.code).toBe(0);
  expect(run.state.received).toHaveLength(1);
  expect(run.done.out).toContain('-zone1-node-1');

  for (const id of [idOf('v1.1.0'), `release/${SERVICE}/v1.1.0`]) {
    const { payloads } = await leftBehind(id);
    expect(payloads.length).toBeGreaterThan(0);
    expect(payloads.filter((text) => /vault|node-|candidate|verif/i.test(text))).toEqual([]);
  }
  const shelf = path.join(env['ISSUE_STORE_URL']?.slice('file:'.length) ?? '', 'payloads');
  const stored = readdirSync(shelf).map((name) => readFileSync(path.join(shelf, name), 'latin1'));
  expect(stored.length).toBeGreaterThan(0);
  expect(stored.filter((text) => /vault|node-/.test(text))).toEqual([]);
});

it('says a refusal and a failing try in words to who has the key, and “Encoded failure” to others', async () => {
  const env = stack.environment({ PAYLOAD_ENCRYPTION_KEYS: K1 });
  stack.releaseSystem.setHosts(exampleHosts(SERVICE, 'v3.0.0'));
  const refused = await withWorker(env, () => releasePrep(prepareArgs('v3.0.0'), env));
  expect(refused.code).toBe(3);
  expect(JSON.parse(refused.out)).toMatchObject({ step_name: 'VersionCheck', status: 'failed' });
  const { json, payloads } = await leftBehind(idOf('v3.0.0'));
  expect(json).toContain('"message": "Encoded failure"');
  expect(json).not.toMatch(/already|of 7 hosts/);
  expect(payloads.filter((text) => /already|host/.test(text))).toEqual([]);

  stack.releaseSystem.setHosts(exampleHosts(SERVICE));
  const down = { ...env, RELEASE_SYSTEM_URL: `http://127.0.0.1:${await freePort()}` };
  const status = await withWorker(down, async () => {
    await releasePrep([...prepareArgs('v3.1.0'), '--detach'], down);
    await sleep(3_000);
    const seen = await releasePrep(['status', SERVICE, 'v3.1.0'], down);
    await releasePrep(['cancel', SERVICE, 'v3.1.0'], down);
    return seen;
  });
  expect(status.out).toMatch(/verifyVersion: try [2-9], last failure: .*ECONNREFUSED/);
});

it('goes on after a rotation with what was encrypted before, and names the key that is missing', async () => {
  const version = 'v4.0.0';
  const env = stack.environment({ PAYLOAD_ENCRYPTION_KEYS: K1 });
  // Begun with the old key: no worker yet.
  expect((await releasePrep([...prepareArgs(version), '--detach'], env)).code).toBe(0);

  const wrong = { ...env, PAYLOAD_ENCRYPTION_KEYS: K2 };
  const worker = await startWorker(wrong);
  const reason = await untilStuck(version, wrong);
  await worker.stop();
  expect(reason).toMatch(
    /encrypted with the key "k1", and the configured keys are k2: add that key to/,
  );

  const rotated = { ...env, PAYLOAD_ENCRYPTION_KEYS: `${K2},${K1}` };
  const run = await withWorker(rotated, () => releasePrep(prepareArgs(version), rotated));
  expect(run.code).toBe(0);
  const { json } = await leftBehind(idOf(version));
  const used = [...json.matchAll(/"encryption-key-id": "([^"]+)"/g)].map(([, id = '']) =>
    Buffer.from(id, 'base64').toString(),
  );
  expect(new Set(used)).toEqual(new Set(['k1', 'k2']));
  expect(used.at(-1)).toBe('k2');

  const left = await releasePrep(['status', SERVICE, version], {
    ...env,
    PAYLOAD_ENCRYPTION_KEYS: '',
  });
  expect(left.err + left.out).toMatch(/COMPLETED/);
  const blind = stack.client(converterOf(wrong)).workflow.getHandle(idOf(version));
  await expect(blind.describe().then((run) => run.staticSummary())).rejects.toThrow(/the key "k1"/);
});

/** Why no worker goes on, as `status` says it. */
async function untilStuck(version: string, env: Record<string, string>): Promise<string> {
  for (let left = 30; left > 0; left -= 1) {
    const { out } = await releasePrep(['status', SERVICE, version, '--json'], env);
    const { stuck } = JSON.parse(out) as { stuck?: string };
    if (stuck !== undefined) return stuck;
  }
  return 'it is not stuck';
}

it('is read in the Web UI and by the Temporal CLI through the codec endpoint, and not without', async () => {
  const version = `v5.0.0-${randomUUID().slice(0, 8)}`;
  const env = stack.environment({ PAYLOAD_ENCRYPTION_KEYS: K1 });
  const done = await withWorker(env, () => releasePrep(prepareArgs(version), env));
  expect(done.code).toBe(0);
  // Without the key not even the memo can be read, and the SDK's own describe reads it.
  const described = await stack.client().workflowService.describeWorkflowExecution({
    namespace: 'default',
    execution: { workflowId: idOf(version) },
  });
  const runId = described.workflowExecutionInfo?.execution?.runId;
  const page = `${stack.temporal.uiUrl}/namespaces/default/workflows/${encodeURIComponent(idOf(version))}/${runId}/history`;
  const cli = await findTemporalCli();
  const show = (...more: string[]) =>
    runToEnd(cli, [
      ...['workflow', 'show', '--address', stack.temporal.address, '-w', idOf(version)],
      ...['--output', 'json', ...more],
    ]);
  const summary = `${SERVICE} ${version} on all hosts`;
  expect(await seePage(page)).not.toContain(summary);

  const faults: string[] = [];
  const server = await startCodecServer({
    ...{ host: '127.0.0.1', port: codecPort, converter: converterOf(env) },
    allowedOrigins: [new URL(stack.temporal.uiUrl ?? '').origin],
    onFault: (reason) => faults.push(reason),
  });
  try {
    expect(await seePage(page, '.artifacts/web-ui-decoded.png')).toContain(summary);
    const decoded = await show('--codec-endpoint', server.url);
    expect(payloadsIn(decoded).join('\n')).toContain('No conflict detected');
    expect(decoded).not.toContain(Buffer.from('binary/encrypted').toString('base64'));
  } finally {
    await server.stop();
  }
  expect(faults).toEqual([]);
  expect(payloadsIn(await show()).join('\n')).not.toContain('No conflict detected');
});
