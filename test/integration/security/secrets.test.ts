import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { requestJson } from '../../../src/adapters/upstream/http';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import { freePort } from '../../../src/embedded/server-process';
import { canariesIn, canary } from '../../fixtures/stacks/canaries';
import { seePage } from '../../fixtures/servers/chromium';
import { startMirror, type Mirror } from '../../fixtures/servers/mirror';
import { startModel } from '../../fixtures/servers/model';
import { serveCollector } from '../../fixtures/servers/otlp';
import { startSearchedStack, type SearchedStack } from '../../fixtures/stacks/searched-stack';
import { ADMIN, startSecuredElasticsearch } from '../../fixtures/servers/secured-elasticsearch';
import { sleep } from '../../fixtures/wait';

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
  sealKey: randomBytes(32).toString('base64'),
};
const withUser = (url: string, password: string) => url.replace('://', `://someone:${password}@`);

const keys = `planted:${PLANTED.encryptionKey}`;

let searched: SearchedStack;
let elasticsearch: Awaited<ReturnType<typeof startSecuredElasticsearch>>;
let refusing: Mirror;
let hanging: Mirror;
let collector: Awaited<ReturnType<typeof serveCollector>>;

beforeAll(async () => {
  elasticsearch = await startSecuredElasticsearch('8.19.9', {
    roles: {},
    users: { prep: { password: PLANTED.elasticPassword, roles: ['superuser'] } },
  });
  searched = await startSearchedStack({
    ...{ service: SERVICE, token: PLANTED.releaseToken, apiKey: PLANTED.temporalKey },
  });
  refusing = await startMirror(401);
  hanging = await startMirror('hang');
  collector = await serveCollector();
}, 600_000);
afterAll(async () => {
  await collector?.stop();
  await hanging?.stop();
  await refusing?.stop();
  await searched?.stop();
  await elasticsearch?.stop();
});

/** Everything configured with canaries; what a run is about is replaced. */
function planted(more: Record<string, string>): Record<string, string> {
  const { stack } = searched;
  const env = searched.environment({
    RELEASE_SYSTEM_URL: withUser(stack.releaseSystem.url, PLANTED.releaseUrl),
    PROMETHEUS_URL: withUser(stack.prometheus.url, PLANTED.prometheusUrl),
    PROMETHEUS_TOKEN: PLANTED.prometheusToken,
    OPENAI_API_KEY: PLANTED.modelKey,
    LLM_EXTRA_BODY: JSON.stringify({ metadata: { access_token: PLANTED.modelBody } }),
    CODEC_TOKEN: PLANTED.codecToken,
    ...more,
  });
  delete env['LLM_MODE'];
  return env;
}

it('succeeds with a secured Elasticsearch, a model, encryption and metrics', async () => {
  const model = await startModel('answer');
  const metrics = `127.0.0.1:${await freePort()}`;
  const done = await searched.run(
    'good',
    planted({
      ELASTICSEARCH_URL: elasticsearch.url,
      ELASTICSEARCH_CA_FILE: elasticsearch.caFile,
      ELASTICSEARCH_USERNAME: 'prep',
      ELASTICSEARCH_PASSWORD: PLANTED.elasticPassword,
      ISSUE_STORE_URL: elasticsearch.url,
      OPENAI_BASE_URL: `${model.url}/v1`,
      PAYLOAD_ENCRYPTION_KEYS: keys,
      ISSUE_SEAL_KEYS: `seal:${PLANTED.sealKey}`,
      METRICS_ADDRESS: metrics,
    }),
    keys,
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
  searched.left.keep('good: Elasticsearch', JSON.stringify(hits));
  await client.close();
});

const at = (password: string) => withUser(refusing.url, password);
const REFUSED: [name: string, code: number, env: () => Record<string, string>][] = [
  ['release-system', 4, () => ({ RELEASE_SYSTEM_URL: at(PLANTED.releaseUrl) })],
  [
    'release-basic',
    4,
    () => ({ RELEASE_SYSTEM_URL: at(PLANTED.releaseUrl), RELEASE_SYSTEM_TOKEN: '' }),
  ],
  ['prometheus-token', 4, () => ({ PROMETHEUS_URL: at(PLANTED.prometheusUrl) })],
  [
    'prometheus-by-url',
    4,
    () => ({ PROMETHEUS_URL: at(PLANTED.prometheusUrl), PROMETHEUS_TOKEN: '' }),
  ],
  [
    'prometheus-basic',
    4,
    () => ({
      ...{ PROMETHEUS_URL: refusing.url, PROMETHEUS_TOKEN: '' },
      ...{ PROMETHEUS_USERNAME: 'somebody', PROMETHEUS_PASSWORD: PLANTED.prometheusPassword },
    }),
  ],
  [
    'model-and-chain',
    0,
    () => ({
      ...{ OPENAI_BASE_URL: `${refusing.url}/v1`, TOPOLOGY_URL: refusing.url },
      // As Elasticsearch gives it out: id and key in Base64.
      ELASTICSEARCH_API_KEY: Buffer.from(`key-id:${PLANTED.elasticApiKey}`).toString('base64'),
    }),
  ],
  [
    'model-and-chain-by-url',
    0,
    () => ({
      OPENAI_BASE_URL: `${at(PLANTED.modelUrl)}/v1`,
      TOPOLOGY_URL: at(PLANTED.elasticUrl),
    }),
  ],
  [
    'issue-store',
    4,
    () => ({
      ISSUE_STORE_URL: refusing.url,
      ...{ ELASTICSEARCH_USERNAME: 'prep', ELASTICSEARCH_PASSWORD: PLANTED.elasticPassword },
    }),
  ],
];
it.each(REFUSED)('is refused by %s, which quotes the credentials', async (name, code, more) => {
  const env = planted({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${PLANTED.collectorKey}`,
    ...more(),
  });
  const done = await searched.run(name, env, keys);
  expect(`${name} ${done.code}`).toBe(`${name} ${code}`);
});

it('waits for a release system and a model that do not answer', async () => {
  const env = planted({
    RELEASE_SYSTEM_URL: withUser(hanging.url, PLANTED.releaseUrl),
    OPENAI_BASE_URL: `${hanging.url}/v1`,
    LLM_TIMEOUT: '1s',
  });
  const { stack, left } = searched;
  await searched.run('late', env, keys, async (version) => {
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
    left.keep('late: Web UI, pending', await answer.text());
    await handle.terminate('the test has seen it wait');
    left.keep(
      'late: Web UI, history',
      await seePage(`${stack.temporal.uiUrl}/${run1}/${runId}/history`),
    );
  });
});

it('left none of the planted credentials anywhere', () => {
  const { left } = searched;
  searched.keepFiles();
  left.keepTelemetry(collector, ['authorization']);
  const where = left.texts.map((one) => one.where).join('\n');
  for (const place of [
    'history of',
    'description of',
    'payload of',
    ': metrics',
    ': Elasticsearch',
  ])
    expect(where).toContain(place);
  expect(where).toMatch(/: Web UI[^]*\.log[^]*\/model\//);
  const sizeOf = (begin: string) =>
    left.texts.reduce((sum, one) => sum + (one.where.startsWith(begin) ? one.text.length : 0), 0);
  expect(sizeOf("Temporal's database")).toBeGreaterThan(1e5);
  expect(sizeOf('what the collector got')).toBeGreaterThan(1e3);
  expect(left.leaks(PLANTED)).toEqual([]);
});

describe('the search is no blind one', () => {
  it('finds every credential in what the systems were sent, and in a message that nobody cleaned', async () => {
    const sent = refusing.received() + hanging.received();
    const found = canariesIn(sent, PLANTED);
    const neverSent = [
      ...['temporalKey', 'codecToken', 'encryptionKey', 'sealKey', 'modelUrl', 'collectorKey'],
    ];
    expect(found.sort()).toEqual(
      Object.keys(PLANTED)
        .filter((name) => !neverSent.includes(name))
        .sort(),
    );
    const keyOfTemporal = searched.gateway.calls
      .map(({ authorization }) => authorization)
      .join('\n');
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
