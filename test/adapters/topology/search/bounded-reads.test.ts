import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createElasticsearch } from '../../../../src/adapters/elasticsearch/elasticsearch';
import { createTopology } from '../../../../src/adapters/topology/topology';
import { serveText } from '../../../fixtures/text-server';
import { createSearch } from '../../../../src/adapters/topology/search/bounded-search';
import { createBounds } from '../../../../src/adapters/topology/search/read-bounds';
import { otel } from '../../../../src/adapters/topology/schemas/otel';
import { underAnyName } from '../../../../src/adapters/topology/search/range-query';
import { readTraces } from '../../../../src/adapters/topology/read/traces/fetch-traces';
import type { Search } from '../../../../src/adapters/topology/schemas/topology-schema';

const variants = [{ resolve: (field: string) => field }];
const source = { schema: otel, variants, padded: { match_all: {} } };
const ids = Array.from({ length: 200 }, (_, i) => `trace-${i}`);

/** A store whose traces all have so many spans; it answers pages as Elasticsearch does. */
function storeOf(spansPerTrace: number): { search: Search; asked: string[][] } {
  const asked: string[][] = [];
  const search: Search = async ({ query, size = 0, search_after: after }) => {
    const [, terms] = query?.bool?.filter as [unknown, { terms: Record<string, string[]> }];
    const traces = terms.terms['trace_id'] ?? [];
    if (after === undefined) asked.push(traces);
    const all = traces.flatMap((trace) =>
      Array.from({ length: spansPerTrace }, (_, i) => ({ trace, id: `${trace}/${i}` })),
    );
    const from = Number(after?.[0] ?? 0);
    const hits = all.slice(from, from + size).map(({ trace, id }, place) => ({
      index: 'traces',
      source: {},
      fields: {
        trace_id: [trace],
        span_id: [id],
        'resource.attributes.service.name': ['cart'],
      },
      sort: [from + place + 1],
    }));
    return { hits, aggregations: undefined };
  };
  return { search, asked };
}

describe('reading traces', () => {
  it('reads all of them where there is room, the rest in one batch', async () => {
    const { search, asked } = storeOf(10);
    const read = await readTraces(search, source, ids, 40_000);
    expect([read.spans.length, read.whole, read.cut]).toEqual([2_000, 200, false]);
    expect(asked.map((batch) => batch.length)).toEqual([50, 150]);
  });

  it('reads as many whole traces as there is room for, and none in part', async () => {
    const { search } = storeOf(300);
    const read = await readTraces(search, source, ids, 40_000);
    expect(read.cut).toBe(true);
    expect(read.whole).toBeGreaterThan(100);
    expect(read.spans).toHaveLength(read.whole * 300);
    expect(read.spans.length).toBeLessThanOrEqual(40_000);
  });

  it('keeps part of traces that are larger than all the room', async () => {
    const { search } = storeOf(1_000);
    const read = await readTraces(search, source, ids, 40_000);
    expect([read.whole, read.cut]).toEqual([0, true]);
    expect(read.spans.length).toBeLessThanOrEqual(45_000);
    expect(read.spans.length).toBeGreaterThan(0);
  });

  it('leaves out a batch in which a bound was reached', async () => {
    const { search } = storeOf(10);
    let left = 1;
    const bounded: Search = async (body) =>
      left-- > 0 ? search(body) : { hits: [], aggregations: undefined, refused: true };
    const read = await readTraces(bounded, source, ids, 40_000);
    expect([read.spans.length, read.whole, read.cut]).toEqual([500, 50, true]);
  });
});

describe('bounds of a chain', () => {
  it('are reached by requests or by time, whichever comes first', () => {
    let now = 0;
    const bounds = createBounds({ requests: 2, budgetMs: 1_000 }, () => now);
    expect([bounds.spend(), bounds.spend()]).toEqual([null, null]);
    expect(bounds.spend()?.reason).toBe('requests');
    const slow = createBounds({ requests: 2, budgetMs: 1_000 }, () => now);
    now = 2_001;
    expect(slow.spend()?.reason).toBe('budget');
  });
});

describe('several searches in one request', () => {
  const overloaded = { status: 429, error: { type: 'circuit_breaking_exception', reason: 'full' } };
  const empty = {
    status: 200,
    timed_out: false,
    _shards: { total: 1, failed: 0 },
    hits: { hits: [] },
  };

  async function searchAllOf(responses: object[], asked = responses.length) {
    const server = createServer((_, response) => {
      response.setHeader('x-elastic-product', 'Elasticsearch');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ took: 1, responses }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const client = createElasticsearch({ url: `http://127.0.0.1:${port}` });
    try {
      const search = createSearch({ client, index: 'traces', bounds: createBounds() });
      const answers = await search.searchAll(Array.from({ length: asked }, () => ({ size: 0 })));
      return { answers, notes: search.notes() };
    } finally {
      await client.close();
      await new Promise((done) => server.close(done));
    }
  }

  it('fail to be retried where all of them met an overloaded server', async () => {
    await expect(searchAllOf([overloaded, overloaded])).rejects.toMatchObject({
      name: 'UpstreamError',
      status: 429,
      permanent: false,
    });
  });

  it.each([
    ['no hits', [{ ...empty, hits: {} }]],
    ['a hit that is none', [{ ...empty, hits: { hits: ['hit'] } }]],
    ['an error in words alone', [{ error: 'full' }]],
    ['nothing', [null]],
    ['too few answers', []],
  ])('refuse %s for good', async (_what, responses) => {
    await expect(searchAllOf(responses as object[], 1)).rejects.toMatchObject({
      name: 'UpstreamError',
      permanent: true,
      message: expect.stringContaining('the answer has an unexpected shape'),
    });
  });

  it('tell what failed where some answered', async () => {
    const { answers, notes } = await searchAllOf([empty, overloaded]);
    expect(answers.map(({ refused }) => refused)).toEqual([undefined, true]);
    expect(notes).toEqual([{ reason: 'shards', detail: 'traces: full' }]);
  });
});

it('asks by each name of a field where indices are mapped differently, else by the one', () => {
  const query = (resolve: (field: string) => string) => ({ term: { [resolve('TraceId')]: 'a' } });
  const plain = { resolve: (field: string) => field };
  const texts = { resolve: (field: string) => `${field}.keyword` };
  expect(underAnyName([plain, plain], query)).toEqual({ term: { TraceId: 'a' } });
  expect(underAnyName([plain, texts], query)).toEqual({
    bool: {
      should: [{ term: { TraceId: 'a' } }, { term: { 'TraceId.keyword': 'a' } }],
      minimum_should_match: 1,
    },
  });
});

it('knows nothing of a service as long as a cluster did not report its fields, and says so', async () => {
  const server = await serveText({ 'x-elastic-product': 'Elasticsearch' });
  const away = [{ indices: ['far:traces-*'], failure: {} }];
  const answers = [
    { indices: [], fields: {}, failures: away },
    { indices: [], fields: {} },
  ];
  server.answer = () => JSON.stringify(answers.shift() ?? { indices: [], fields: {} });
  const client = createElasticsearch({ url: server.url });
  const options = { url: server.url, client, schema: 'auto' as const, window: '1h' };
  const topology = createTopology({ ...options, indexPrefix: 'far:' });
  try {
    const first = await topology.trace({ service: 'shop', now: new Date() });
    expect(first.notes).toEqual([{ reason: 'remote', detail: 'far: did not report its fields' }]);
    // Asked again, and not remembered: it has come back.
    const detail = 'no index with TOPOLOGY_INDEX_PREFIX=far: exists';
    const again = await topology.trace({ service: 'shop', now: new Date() });
    expect(again.notes).toEqual([{ reason: 'names', detail }]);
    // Help that fails is left out.
    answers.push({ indices: [], fields: {} }, 'no answer' as never);
    expect((await topology.trace({ service: 'shop', now: new Date() })).notes).toEqual([]);
  } finally {
    await client.close();
    server.stop();
  }
});
