import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { z } from 'zod';
import { requestJson } from '../../src/adapters/http';
import { createElasticsearch } from '../../src/adapters/elasticsearch';
import { dataConverterOf } from '../../src/build-deps';
import { parseConfig } from '../../src/config';
import { freePort } from '../../src/embedded/server-process';
import { canariesIn, canary, filesBelow } from '../servers/canaries';
import { createAuthority, createCertificate } from '../servers/certificates';
import { seePage } from '../servers/chromium';
import { startLoggedWorker } from '../servers/logged-worker';
import { startMirror, type Mirror } from '../servers/mirror';
import { startModel } from '../servers/model';
import { serveCollector } from '../servers/otlp';
import { ADMIN, startSecuredElasticsearch } from '../servers/secured-elasticsearch';
import { startSmallStack, type SmallStack } from '../servers/small-stack';
import { releasePrep } from '../servers/stack';
import { startTemporalGateway, type TemporalGateway } from '../servers/temporal-gateway';

jest.setTimeout(240_000);

const SERVICE = 'user-service';
const keyBytes = Buffer.concat([Buffer.from(canary().slice(0, 24)), randomBytes(8)]);
/** One value for each place that a credential can be configured in; each is looked for in all that is left behind. */
const PLANTED = {
  releaseToken: canary(),
  releaseUrl: canary(),
  elasticPassword: canary(),
  elasticApiKey: canary(),
  elasticUrl: canary(),
  prometheusToken: canary(),
  prometheusPassword: canary(),
  prometheusUrl: canary(),
  modelKey: canary(),
  modelUrl: canary(),
  modelBody: canary(),
  temporalKey: canary(),
  codecToken: canary(),
  collectorKey: canary(),
  encryptionKey: keyBytes.toString('base64'),
};
const withUser = (url: string, password: string) => url.replace('://', `://someone:${password}@`);

let stack: SmallStack;
let gateway: TemporalGateway;
let elasticsearch: Awaited<ReturnType<typeof startSecuredElasticsearch>>;
let refusing: Mirror;
let hanging: Mirror;
let collector: Awaited<ReturnType<typeof serveCollector>>;
let caFile: string;
let dbFolder: string;
/** Texts that left the product, by where they were found. */
const left: { where: string; text: string }[] = [];
const keep = (where: string, text: string) => void left.push({ where, text });

beforeAll(async () => {
  dbFolder = mkdtempSync('/tmp/release-prep-temporal-');
  elasticsearch = await startSecuredElasticsearch('8.19.9', {
    roles: {},
    users: { prep: { password: PLANTED.elasticPassword, roles: ['superuser'] } },
  });
  stack = await startSmallStack({
    ...{
      service: SERVICE,
      token: PLANTED.releaseToken,
      dbFilename: path.join(dbFolder, 'temporal.db'),
    },
  });
  const authority = await createAuthority();
  caFile = path.join(stack.folder, 'temporal-ca.pem');
  writeFileSync(caFile, authority.cert);
  gateway = await startTemporalGateway({
    ...{ backend: stack.temporal.address, server: await createCertificate(authority) },
    apiKey: PLANTED.temporalKey,
  });
  refusing = await startMirror(401);
  hanging = await startMirror('hang');
  collector = await serveCollector();
}, 600_000);
afterAll(async () => {
  await collector?.stop();
  await hanging?.stop();
  await refusing?.stop();
  await gateway?.stop();
  await stack?.stop();
  await elasticsearch?.stop();
  rmSync(dbFolder, { recursive: true, force: true });
});

/** Everything configured with canaries; what a run is about is replaced. */
function planted(more: Record<string, string>): Record<string, string> {
  const env = stack.environment({
    TEMPORAL_ADDRESS: gateway.address,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: caFile,
    TEMPORAL_API_KEY: PLANTED.temporalKey,
    RELEASE_SYSTEM_URL: withUser(stack.releaseSystem.url, PLANTED.releaseUrl),
    PROMETHEUS_URL: withUser(stack.prometheus.url, PLANTED.prometheusUrl),
    PROMETHEUS_TOKEN: PLANTED.prometheusToken,
    OPENAI_API_KEY: PLANTED.modelKey,
    LLM_EXTRA_BODY: JSON.stringify({ metadata: { access_token: PLANTED.modelBody } }),
    CODEC_TOKEN: PLANTED.codecToken,
    LOG_LEVEL: 'DEBUG',
    EXECUTOR_WORKFLOW_TYPE: '',
    ...more,
  });
  delete env['LLM_MODE'];
  return env;
}

/** A run with a worker of its own; whatever comes out of the two is kept. */
async function run(
  name: string,
  env: Record<string, string>,
  during: (version: string) => Promise<void> = async () => undefined,
) {
  const version = `v2.0.0-${name}`;
  const worker = await startLoggedWorker(env, path.join(stack.folder, `${name}.log`));
  const command = async (...args: string[]) => {
    const done = await releasePrep(args, env);
    keep(`${name}: ${args[0]}, stdout`, done.out);
    keep(`${name}: ${args[0]}, stderr`, done.err);
    return done;
  };
  try {
    const args = ['prepare', '--service', SERVICE, '--version', version, '--json'];
    const waits = during.length > 0;
    const done = await command(...args, ...(waits ? ['--detach'] : []));
    await during(version);
    const release = ['--service', SERVICE, '--version', version];
    await Promise.all([
      command('status', SERVICE, version),
      command('list'),
      command('show', SERVICE, version),
      // These ask the systems themselves: of one that does not answer, the run has said enough.
      ...(waits
        ? []
        : [
            command('doctor'),
            command('try', 'verify', ...release),
            command('try', 'chain', '--service', SERVICE),
          ]),
    ]);
    await keepHistories(name, env);
    if (env['METRICS_ADDRESS'] !== undefined)
      keep(
        `${name}: metrics`,
        await (await fetch(`http://${env['METRICS_ADDRESS']}/metrics`)).text(),
      );
    return done;
  } finally {
    await worker.stop();
  }
}

/** As the server has them, and as this configuration reads them; with what describes each run. */
async function keepHistories(name: string, env: Record<string, string>): Promise<void> {
  // Runs of the namespace that are encrypted are read too.
  const keys = { PAYLOAD_ENCRYPTION_KEYS: `planted:${PLANTED.encryptionKey}` };
  const converter = dataConverterOf(parseConfig({ ...env, ...keys }));
  const client = stack.client(converter);
  for await (const { workflowId, runId } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const history = await handle.fetchHistory();
    const json = historyToJSON(history);
    keep(`${name}: history of ${workflowId}`, json);
    const { raw } = await handle.describe();
    keep(`${name}: description of ${workflowId}`, JSON.stringify(raw));
    const result = await Promise.race([
      handle.result().catch((error: Error) => `${error.stack} ${String(error.cause)}`),
      sleep(100, 'it runs'),
    ]);
    keep(`${name}: result of ${workflowId}`, JSON.stringify(result) ?? 'none');
    const payloads = [
      ...json.matchAll(/"metadata": (\{[^{}]*\}),\s+"data": "([A-Za-z0-9+/=]+)"/g),
    ].map(([, metadata = '{}', data = '']) => ({
      metadata: Object.fromEntries(
        Object.entries(JSON.parse(metadata) as Record<string, string>).map(([key, value]) => [
          key,
          Buffer.from(value, 'base64'),
        ]),
      ),
      data: Buffer.from(data, 'base64'),
    }));
    for (const codec of converter.payloadCodecs ?? []) {
      const decoded = await codec.decode(payloads).catch(() => []);
      decoded.forEach(({ data }) =>
        keep(`${name}: payload of ${workflowId}`, Buffer.from(data ?? []).toString()),
      );
    }
  }
}

const refused = () => ({ url: refusing.url });

it('succeeds with a secured Elasticsearch, a model, encryption and metrics', async () => {
  const model = await startModel('answer');
  const metrics = `127.0.0.1:${await freePort()}`;
  const done = await run(
    'good',
    planted({
      ELASTICSEARCH_URL: elasticsearch.url,
      ELASTICSEARCH_CA_FILE: elasticsearch.caFile,
      ELASTICSEARCH_USERNAME: 'prep',
      ELASTICSEARCH_PASSWORD: PLANTED.elasticPassword,
      ISSUE_STORE_URL: elasticsearch.url,
      OPENAI_BASE_URL: `${model.url}/v1`,
      PAYLOAD_ENCRYPTION_KEYS: `planted:${PLANTED.encryptionKey}`,
      METRICS_ADDRESS: metrics,
    }),
  );
  await model.stop();
  expect(done.code).toBe(0);
  const client = createElasticsearch({
    url: elasticsearch.url,
    ...ADMIN,
    caFile: elasticsearch.caFile,
  });
  await client.indices.refresh();
  const { hits } = await client.search({ index: '*', size: 1_000 });
  expect(hits.hits.length).toBeGreaterThan(0);
  keep('good: Elasticsearch', JSON.stringify(hits));
  await client.close();
});

it.each([
  [
    'release-system',
    () => ({ RELEASE_SYSTEM_URL: withUser(refused().url, PLANTED.releaseUrl) }),
    4,
  ],
  [
    'release-basic',
    () => ({
      RELEASE_SYSTEM_URL: withUser(refused().url, PLANTED.releaseUrl),
      RELEASE_SYSTEM_TOKEN: '',
    }),
    4,
  ],
  [
    'prometheus-token',
    () => ({ PROMETHEUS_URL: withUser(refused().url, PLANTED.prometheusUrl) }),
    4,
  ],
  [
    'prometheus-by-url',
    () => ({
      PROMETHEUS_URL: withUser(refused().url, PLANTED.prometheusUrl),
      PROMETHEUS_TOKEN: '',
    }),
    4,
  ],
  [
    'prometheus-basic',
    () => ({
      PROMETHEUS_URL: refused().url,
      PROMETHEUS_TOKEN: '',
      PROMETHEUS_USERNAME: 'prometheus-user',
      PROMETHEUS_PASSWORD: PLANTED.prometheusPassword,
    }),
    4,
  ],
  [
    'model-and-chain',
    () => ({
      OPENAI_BASE_URL: `${refused().url}/v1`,
      TOPOLOGY_URL: refused().url,
      ELASTICSEARCH_API_KEY: PLANTED.elasticApiKey,
    }),
    0,
  ],
  [
    'model-and-chain-by-url',
    () => ({
      OPENAI_BASE_URL: `${withUser(refused().url, PLANTED.modelUrl)}/v1`,
      TOPOLOGY_URL: withUser(refused().url, PLANTED.elasticUrl),
    }),
    0,
  ],
  [
    'issue-store',
    () => ({
      ISSUE_STORE_URL: refused().url,
      ELASTICSEARCH_USERNAME: 'prep',
      ELASTICSEARCH_PASSWORD: PLANTED.elasticPassword,
    }),
    4,
  ],
] as const)('is refused by %s, which quotes the credentials', async (name, more, code) => {
  const done = await run(
    name,
    planted({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${PLANTED.collectorKey}`,
      ...more(),
    }),
  );
  expect(`${name} ${done.code}`).toBe(`${name} ${code}`);
});

it('waits for a release system and a model that do not answer', async () => {
  const env = planted({
    RELEASE_SYSTEM_URL: withUser(hanging.url, PLANTED.releaseUrl),
    OPENAI_BASE_URL: `${hanging.url}/v1`,
    LLM_TIMEOUT: '1s',
  });
  await run('late', env, async (version) => {
    // A request of the release system is given 20 s.
    await sleep(23_000);
    const id = `release-prep/${SERVICE}/${version}`;
    const handle = stack.client().workflow.getHandle(id);
    const { runId, raw } = await handle.describe();
    expect(JSON.stringify(raw.pendingActivities)).toContain('no answer within');
    const run1 = `namespaces/default/workflows/${encodeURIComponent(id)}`;
    // The page of a run that goes on never comes to rest: what it shows is asked for as it asks.
    const answer = await fetch(`${stack.temporal.uiUrl}/api/v1/${run1}`);
    expect(answer.status).toBe(200);
    keep('late: Web UI, pending', await answer.text());
    await handle.terminate('the test has seen it wait');
    keep(
      'late: Web UI, history',
      await seePage(`${stack.temporal.uiUrl}/${run1}/${runId}/history`),
    );
  });
});

it('left none of the planted credentials anywhere', () => {
  filesBelow(stack.folder).forEach(({ file, text }) =>
    keep(path.relative(stack.folder, file), text),
  );
  filesBelow(dbFolder).forEach(({ file, text }) =>
    keep(`Temporal's database, ${path.basename(file)}`, text),
  );
  for (const { path: route, headers, bytes } of collector.requests) {
    // The credential is for the collector: it is not looked for there.
    const others = { ...headers, authorization: undefined };
    keep(
      'what the collector got',
      `${route} ${JSON.stringify(others)} ${bytes.toString('latin1')}`,
    );
  }
  const places = new Set(left.map(({ where }) => where.replace(/^[\w-]+: /, '').split(/ |,/)[0]));
  for (const place of ['history', 'description', 'payload', 'metrics', 'Elasticsearch', 'Web'])
    expect(places).toContain(place);
  expect(left.some(({ where }) => where.endsWith('.log'))).toBe(true);
  expect(left.some(({ where }) => where.includes('/model/'))).toBe(true);
  expect(left.find(({ where }) => where.startsWith('Temporal'))?.text.length).toBeGreaterThan(1e5);
  expect(left.find(({ where }) => where.startsWith('what the coll'))?.text.length).toBeGreaterThan(
    1e3,
  );

  const leaks = left.flatMap(({ where, text }) =>
    canariesIn(text, PLANTED).map((name) => `${name} in ${where}`),
  );
  expect(leaks).toEqual([]);
});

describe('the search is no blind one', () => {
  it('finds every credential in what the systems were sent, and in a message that nobody cleaned', async () => {
    const sent = refusing.received() + hanging.received();
    const found = canariesIn(sent, PLANTED);
    const neverSent = ['temporalKey', 'codecToken', 'encryptionKey', 'modelUrl', 'collectorKey'];
    expect(found.sort()).toEqual(
      Object.keys(PLANTED)
        .filter((name) => !neverSent.includes(name))
        .sort(),
    );
    const keyOfTemporal = gateway.calls.map(({ authorization }) => authorization).join('\n');
    expect(canariesIn(keyOfTemporal, PLANTED)).toEqual(['temporalKey']);
    // This process has no secrets configured: what its adapters say of the same answer is not cleaned.
    const plain = await requestJson({
      ...{ upstream: 'release-system', url: new URL(refusing.url), schema: z.unknown() },
      headers: { authorization: `Bearer ${PLANTED.releaseToken}` },
    }).catch((error: Error) => error.message);
    expect(canariesIn(String(plain), PLANTED)).toEqual(['releaseToken']);
  });

  it('finds a value that was cut, encoded, or stands amid others', () => {
    const planted = { it: canary() };
    const basic = Buffer.from(`someone:${planted.it}`).toString('base64');
    const nested = Buffer.from(JSON.stringify({ header: `Basic ${basic}` })).toString('base64');
    for (const text of [planted.it.slice(0, 14), planted.it.slice(-14), basic, nested])
      expect(canariesIn(`amid ${text} others`, planted)).toEqual(['it']);
    expect(canariesIn(`amid ${canary()} others`, planted)).toEqual([]);
  });
});
