import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { versionOf } from '../../../src/adapters/elasticsearch/access-checks';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import { draft } from '../../fixtures/outcomes';
import { startOpenSearch } from '../../fixtures/servers/opensearch';
import { edgesOf, fieldChains, membersOf } from './field-cases';

jest.setTimeout(240_000);

const fixtures = path.resolve(__dirname, '../../fixtures/topology');
let server: Awaited<ReturnType<typeof startOpenSearch>>;
let chainOf: ReturnType<typeof fieldChains>;

async function send(method: string, route: string, body: string, type = 'application/json') {
  const headers = { 'content-type': type };
  const answer = await fetch(`${server.url}/${route}`, { method, headers, body });
  if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
}
const load = (file: string) =>
  send(
    'POST',
    '_bulk?refresh=true',
    gunzipSync(readFileSync(path.join(fixtures, file))).toString('utf8'),
    'application/x-ndjson',
  );

beforeAll(async () => {
  server = await startOpenSearch();
  chainOf = fieldChains(server.url);
  await load('field/c22-data-prepper.ndjson.gz');
  await load('field/c23-ss4o.ndjson.gz');
  const mappings = JSON.parse(
    readFileSync(path.join(fixtures, 'jaeger/mappings.json'), 'utf8'),
  ) as Record<string, object>;
  for (const [index, mapping] of Object.entries(mappings))
    await send('PUT', index, JSON.stringify(mapping));
  await load('jaeger/bulk.ndjson.gz');
});
afterAll(() => server?.stop());

it.each([
  ['=otel-v1-apm-span-000001', 'data-prepper', ['web -> api 20']],
  ['=ss4o_traces-default-namespace', 'ss4o', ['web -> api 20']],
  ['=otel-v1-apm-service-map', 'data-prepper-map', ['web -> api 1']],
])('reads %s', async (where, schema, edges) => {
  const chain = await chainOf(where, 'web');
  expect([chain.status, chain.source.schema, edgesOf(chain)]).toEqual(['ok', schema, edges]);
});

it("finds Data Prepper's and the simple schema's indices by their usual names", async () => {
  const chain = await chainOf('', 'api');
  expect([chain.source.schema, membersOf(chain)]).toEqual(['data-prepper', 'web(1) | ']);
  expect(chain.source.also).toContain('ss4o');
});

it('reads the true chain from Jaeger on OpenSearch, page by page', async () => {
  const truth = JSON.parse(readFileSync(path.join(fixtures, 'truth.json'), 'utf8')) as {
    window: [string, string];
    downstream: Record<string, string[]>;
  };
  const chain = await chainOf('topo-', 'frontendproxy', { window: truth.window.join('/') });
  expect([chain.status, chain.source.schema]).toEqual(['ok', 'jaeger']);
  expect(chain.downstream.map(({ service }) => service).sort()).toEqual(
    [...(truth.downstream['frontendproxy'] ?? [])].sort(),
  );
});

it('names its version and keeps issues', async () => {
  const client = createElasticsearch({ url: server.url });
  expect(await versionOf(client)).toBe('2.19.6');
  const store = createIssueStore({ url: server.url, client, index: 'release-issues' });
  const recorded = await store.record(draft);
  expect(await store.get(recorded.issue_id)).toEqual(recorded);
  expect((await store.list({ limit: 5 })).map(({ issue_id }) => issue_id)).toEqual([
    recorded.issue_id,
  ]);
});
