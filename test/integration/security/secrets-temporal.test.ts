import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { createExternalStorage } from '../../../src/adapters/payload-store/payload-store';
import { freePort } from '../../../src/embedded/server-process';
import { canariesIn, canary } from '../../fixtures/stacks/canaries';
import { startMirror, type Mirror } from '../../fixtures/servers/mirror';
import { startModel } from '../../fixtures/servers/model';
import { serveCollector } from '../../fixtures/servers/otlp';
import { spawnProduct, untilSaid } from '../../fixtures/processes/product-process';
import { startSearchedStack, type SearchedStack } from '../../fixtures/stacks/searched-stack';
import { GRPC } from '../../fixtures/servers/temporal-gateway';
import { ExternalStorageRunner } from '../../../src/temporal/sdk-internals';

jest.setTimeout(240_000);

const SERVICE = 'user-service';
const keyWithCanary = () =>
  Buffer.concat([Buffer.from(canary().slice(0, 24)), randomBytes(8)]).toString('base64');
/** Of Temporal, the codec, the collectors, and of addresses; test/integration/security/secrets.test.ts has those of upstreams. */
const PLANTED: Record<string, string> = {
  temporalKey: canary(),
  grpcToken: canary(),
  grpcProxy: canary(),
  certificateName: canary(),
  codecAuth: canary(),
  codecToken: canary(),
  firstKey: keyWithCanary(),
  secondKey: keyWithCanary(),
  collectorHeader: canary(),
  tracesHeader: canary(),
  metricsHeader: canary(),
  collectorUrl: canary(),
  collectorParameter: canary(),
  modelHeader: canary(),
  elasticKey: canary(),
};
const keys = `first:${PLANTED['firstKey']},second:${PLANTED['secondKey']}`;
const withParameter = (url: string, name: string, value = '') =>
  `${url}${new URL(url).pathname === '/' ? '/' : ''}?${name}=${value}`;

let searched: SearchedStack;
let refusing: Mirror;
let collector: Awaited<ReturnType<typeof serveCollector>>;
let model: Awaited<ReturnType<typeof startModel>>;
let keysFile: string;
beforeAll(async () => {
  searched = await startSearchedStack({
    ...{ service: SERVICE, apiKey: PLANTED['temporalKey'] ?? '' },
    clientName: `${PLANTED['certificateName']}.example.com`,
  });
  refusing = await startMirror(401);
  collector = await serveCollector();
  model = await startModel('answer');
  // Behind the modulus, which the certificate shows too.
  const lines = searched.clientCertificate.key.trim().split('\n').slice(-8, -2);
  lines.forEach((line, index) => (PLANTED[`tlsKey${index}`] = line.trim()));
  keysFile = path.join(searched.secrets, 'keys');
  writeFileSync(keysFile, keys.replace(',', '\n'));
}, 400_000);
afterAll(async () => {
  await model?.stop();
  await collector?.stop();
  await refusing?.stop();
  await searched?.stop();
});

const planted = (more: Record<string, string> = {}): Record<string, string> => {
  const env = searched.environment({
    TEMPORAL_TLS_CLIENT_CERT_DATA: searched.clientCertificate.cert,
    TEMPORAL_TLS_CLIENT_KEY_DATA: searched.clientCertificate.key,
    TEMPORAL_GRPC_META_X_ACCESS_TOKEN: PLANTED['grpcToken'] ?? '',
    TEMPORAL_GRPC_META_PROXY_AUTHORIZATION: `Bearer ${PLANTED['grpcProxy']}`,
    TEMPORAL_CODEC_AUTH: `Bearer ${PLANTED['codecAuth']}`,
    CODEC_TOKEN: PLANTED['codecToken'] ?? '',
    PAYLOAD_ENCRYPTION_KEYS_FILE: keysFile,
    OPENAI_BASE_URL: `${model.url}/v1`,
    OPENAI_CUSTOM_HEADERS: `x-gateway-key: ${PLANTED['modelHeader']}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${PLANTED['collectorHeader']}`,
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: `x-traces-key=${PLANTED['tracesHeader']}`,
    OTEL_EXPORTER_OTLP_METRICS_HEADERS: `x-metrics-key=${PLANTED['metricsHeader']}`,
    ...more,
  });
  delete env['LLM_MODE'];
  return env;
};

it('prepares by mTLS with headers, keys of a file, and a collector that takes what it is sent', async () => {
  const done = await searched.run('good', planted(), keys);
  expect([done.code, done.code === 0 ? '' : done.err]).toEqual([0, '']);
  expect(collector.spans().length).toBeGreaterThan(0);
});

it('prepares in spite of a collector and a model that refuse, and quote what they were sent', async () => {
  const endpoint = refusing.url.replace('://', `://someone:${PLANTED['collectorUrl']}@`);
  const env = planted({
    OPENAI_BASE_URL: `${refusing.url}/v1`,
    OTEL_EXPORTER_OTLP_ENDPOINT: withParameter(endpoint, 'api-key', PLANTED['collectorParameter']),
  });
  expect((await searched.run('collector', env, keys)).code).toBe(0);
});

it.each([
  ['breaks', GRPC.internal],
  ['no longer takes the credentials', GRPC.unauthenticated],
])('says that Temporal %s, whose answer quotes every header', async (name, code) => {
  const health = `127.0.0.1:${await freePort()}`;
  // A collector that is down as well: its complaints come in the same logs.
  const env = planted({ HEALTH_ADDRESS: health, OTEL_EXPORTER_OTLP_ENDPOINT: refusing.url });
  const { gateway, left, stack } = searched;
  await searched.run(`refused-${code}`, env, keys, async (version, worker) => {
    gateway.refuseWith(code);
    const command = (...args: string[]) => left.command(name, args, env);
    const release = ['--service', SERVICE, '--version', version];
    const [status] = await Promise.all([
      command('status', SERVICE, version),
      command('doctor'),
      command('prepare', ...release),
      command('resume', SERVICE, version),
      command('worker'),
    ]);
    expect(status.code).toBe(4);
    const ready = await fetch(`http://${health}/readyz`).then(
      (answer) => answer.text(),
      () => 'the worker has ended',
    );
    left.keep(`${name}: readyz`, ready);
    if (code === GRPC.internal) expect(ready).toContain('"reachable":false');
    gateway.refuseWith(undefined);
    if (code === GRPC.unauthenticated) await worker.stop();
    await stack.client().workflow.getHandle(`release-prep/${SERVICE}/${version}`).terminate();
  });
});

const base64Of = (bytes: Uint8Array | null | undefined) =>
  Buffer.from(bytes ?? []).toString('base64');
const wireOf = ({ metadata, data }: Payload = {}) => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, base64Of(value)]),
  ),
  data: base64Of(data),
});

it('decodes for who has the token, and tells others nothing', async () => {
  const { left, stack } = searched;
  const port = await freePort();
  const file = path.join(stack.folder, 'codec.log');
  // Payloads that lie beside the issues are asked of a system that refuses and quotes.
  const env = planted({
    ...{ ISSUE_STORE_URL: refusing.url, ELASTICSEARCH_API_KEY: PLANTED['elasticKey'] ?? '' },
  });
  const started = spawnProduct(['codec', '--address', `127.0.0.1:${port}`], env, { file });
  const codec = await untilSaid(started, 'codec endpoint at');
  const encrypted = (id: string) =>
    wireOf({
      metadata: { encoding: Buffer.from('binary/encrypted'), 'encryption-key-id': Buffer.from(id) },
      data: Buffer.alloc(60),
    });
  const storage = createExternalStorage({ url: `file:${searched.secrets}`, index: 'unused' });
  const large = defaultPayloadConverter.toPayload('y'.repeat(400_000));
  const [reference] = await new ExternalStorageRunner(storage).store([large]);
  const payloads = [
    encrypted('first'),
    encrypted('gone'),
    encrypted('\u001b[2J'),
    wireOf(reference),
  ];
  const ask = async (name: string, headers: Record<string, string>, way = 'decode') => {
    const answer = await fetch(`http://127.0.0.1:${port}/${way}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ payloads }),
    });
    const said = JSON.stringify([...answer.headers]);
    left.keep(`codec: answer to ${name}`, `${answer.status} ${said} ${await answer.text()}`);
    return answer.status;
  };
  const token = { authorization: `Bearer ${PLANTED['codecToken']}` };
  try {
    expect(await ask('nobody', {})).toBe(401);
    expect(await ask('nobody, encode', {}, 'encode')).toBe(401);
    expect(await ask('a wrong token', { authorization: 'Bearer wrong' })).toBe(401);
    expect(await ask('another page', { ...token, origin: 'http://evil.example.com' })).toBe(403);
    expect(await ask('who may ask', token)).toBe(200);
    expect(await ask('who may ask, elsewhere', token, 'other')).toBe(404);
  } finally {
    await codec.stop();
  }
  expect(codec.output()).toMatch(/not decoded: a payload encrypted with the key "first"/);
  expect(codec.output()).toMatch(/not decoded: .*issue-store: .*\[redacted\]/);
  expect(codec.output()).not.toContain('\u001b');
});

it('left none of the planted credentials anywhere', () => {
  const { left } = searched;
  searched.keepFiles();
  left.keepTelemetry(collector, ['authorization', 'x-traces-key', 'x-metrics-key']);
  const where = left.texts.map((one) => one.where).join('\n');
  for (const place of [
    'history of',
    'payload of',
    'readyz',
    'codec: answer',
    'codec.log',
    'worker, stderr',
  ])
    expect(where).toContain(place);
  expect(left.leaks(PLANTED)).toEqual([]);
});

it('would have found them: the systems were sent what was planted', () => {
  const toTemporal = JSON.stringify(searched.gateway.calls.map(({ headers }) => headers));
  expect(canariesIn(toTemporal, PLANTED).sort()).toEqual(['grpcProxy', 'grpcToken', 'temporalKey']);
  const toCollector = JSON.stringify(collector.requests.map(({ headers }) => headers));
  expect(canariesIn(toCollector, PLANTED).sort()).toEqual([
    'collectorHeader',
    'metricsHeader',
    'tracesHeader',
  ]);
  const toRefusing = [
    'collectorParameter',
    'elasticKey',
    'modelHeader',
    'collectorHeader',
    'metricsHeader',
    'tracesHeader',
  ];
  expect(canariesIn(refusing.received(), PLANTED).sort()).toEqual(toRefusing.sort());
});
