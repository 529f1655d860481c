import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@elastic/elasticsearch';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import { createTopology } from '../../../src/adapters/topology/topology';
import { buildChain } from '../../../src/steps/service-chain/build-chain';
import type { SchemaId } from '../../../src/adapters/topology/schemas/topology-schema';
import type { ServiceChain } from '../../../src/domain/service-chain';
import { edgeName, truth } from '../../fixtures/spans/log-entries';
import { loadTopology, startElasticsearch } from '../../fixtures/servers/elasticsearch';
import { chainsOf, countsOf } from './topology-cases';

jest.setTimeout(300_000);

const SETS: [set: string, schema: SchemaId][] = [
  ['otel', 'otel'],
  ['otel-ecs', 'otel-ecs'],
  ['otel-none', 'otel-none'],
  ['otel-raw', 'otel-raw'],
  ['apm', 'apm'],
  ['jaeger', 'jaeger'],
  ['zipkin', 'zipkin'],
];
const services = [...new Set(truth.edges.flatMap(({ caller, callee }) => [caller, callee]))].sort();
const names = (members: { service: string }[]) => members.map(({ service }) => service).sort();

/** Quote calls have one possible callee and are recovered; seven e-mail calls have several and stay unresolved. */
const knowable = truth.edges.map((edge) => {
  const { calls, errors, paired, paired_errors } = edge;
  const counts = edge.callee === 'quoteservice' ? [calls, errors] : [paired, paired_errors];
  return [edgeName(edge), counts];
});

describe.each(['8.19.9', '9.5.3'] as const)('Elasticsearch %s', (version) => {
  let server: Awaited<ReturnType<typeof startElasticsearch>>;
  let client: Client;
  beforeAll(async () => {
    server = await startElasticsearch(version);
    client = new Client({ node: server.url });
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  async function unload(set: string): Promise<void> {
    const file = path.resolve(__dirname, '../../fixtures/topology', set, 'mappings.json');
    const indices = Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object);
    await client.indices.delete({ index: indices, ignore_unavailable: true });
  }

  it.each(SETS)(
    'reads the true chain of every service from %s, set and found',
    async (set, schema) => {
      await loadTopology(server.url, set);
      for (const setting of [schema, 'auto'] as const) {
        const chainOf = chainsOf(server.url, setting);
        const pairs = new Map<string, ServiceChain['edges'][number]>();
        for (const service of services) {
          const chain = await chainOf(service);
          expect([service, chain.source.schema]).toEqual([service, schema]);
          expect([service, names(chain.upstream)]).toEqual([
            service,
            [...(truth.upstream[service] ?? [])].sort(),
          ]);
          expect([service, names(chain.downstream)]).toEqual([
            service,
            [...(truth.downstream[service] ?? [])].sort(),
          ]);
          const own = new Set(chain.nodes.filter((n) => n.kind === 'service').map((n) => n.id));
          for (const edge of chain.edges) if (own.has(edge.callee)) pairs.set(edgeName(edge), edge);
        }
        expect([...pairs.keys()].sort()).toEqual(truth.edges.map(edgeName).sort());
        const entry = await chainOf('frontendproxy');
        expect(countsOf(entry)).toEqual(Object.fromEntries(knowable));
        const gateway = entry.nodes.find(({ kind }) => kind === 'unresolved');
        expect(gateway?.id).toBe('mesh-gateway:8080');
        expect(entry.edges.find(({ callee }) => callee === gateway?.id)?.calls).toBe(7);
        expect(entry.status).toBe('ok');
        const unknown = await chainOf('a"b{c}\\d');
        expect([unknown.status, unknown.edges]).toEqual(['unknown', []]);
      }
      await unload(set);
    },
  );

  it('finds traces before relations and logs, and counts traffic that was written twice once', async () => {
    for (const set of ['jaeger', 'apm', 'zipkin', 'skywalking', 'logs', 'otel'])
      await loadTopology(server.url, set);
    const chain = await chainsOf(server.url, 'auto')('frontendproxy');
    expect(chain.source.schema).toBe('apm');
    expect(chain.source.also).toEqual(['otel', 'jaeger', 'zipkin']);
    expect(countsOf(chain)).toEqual(Object.fromEntries(knowable));
    expect((await chainsOf(server.url, 'jaeger')('frontendproxy')).source.schema).toBe('jaeger');
    for (const set of ['apm', 'jaeger', 'zipkin', 'otel']) await unload(set);
    expect((await chainsOf(server.url, 'auto')('frontendproxy')).source.schema).toBe('skywalking');
    await unload('skywalking');
    expect((await chainsOf(server.url, 'auto')('frontendproxy')).source.basis).toBe('logs');
    await unload('logs');
    const none = await chainsOf(server.url, 'auto')('frontendproxy');
    expect([none.status, none.source.schema]).toEqual(['unknown', 'none']);
  });

  it('reads days with texts and days with keywords side by side', async () => {
    await loadTopology(server.url, 'otel-none');
    const index = 'topo-traces-none-later';
    await client.indices.delete({ index, ignore_unavailable: true });
    const keyword = { type: 'keyword' as const };
    await client.indices.create({
      index,
      mappings: {
        properties: { TraceId: keyword, SpanId: keyword, 'Resource.service.name': keyword },
      },
    });
    // Half of the traces, and of some traces a part, move to the index of the later template.
    const { hits } = await client.search<{ SpanId: string; TraceId: string }>({
      index: 'topo-traces-none-default',
      size: 10_000,
    });
    const moved = hits.hits.filter(({ _source: span }) =>
      /[0-7]$/.test(span?.TraceId ?? '') ? true : /[01]$/.test(span?.SpanId ?? ''),
    );
    expect(moved.length).toBeGreaterThan(500);
    await client.bulk({
      refresh: true,
      operations: moved.flatMap(({ _id, _index, _source }) => [
        { index: { _index: index } },
        _source ?? {},
        { delete: { _id, _index } },
      ]),
    });
    const entry = await chainsOf(server.url, 'auto')('frontendproxy');
    expect([entry.source.schema, entry.status]).toEqual(['otel-none', 'ok']);
    expect(countsOf(entry)).toEqual(Object.fromEntries(knowable));
    const consumer = await chainsOf(server.url, 'otel-none')('accountingservice');
    expect(names(consumer.upstream)).toEqual(
      [...(truth.upstream['accountingservice'] ?? [])].sort(),
    );
    await client.indices.delete({ index });
    await unload('otel-none');
  });

  it('finds a service whose traces are all from before the window', async () => {
    await loadTopology(server.url, 'jaeger');
    const after = new Date(Date.parse(truth.window[1]) + 6 * 3_600_000);
    const chain = await chainsOf(server.url, 'auto', '1h', after)('checkoutservice');
    expect([chain.status, chain.source.schema]).toEqual(['ok', 'jaeger']);
    expect(names(chain.upstream)).toEqual([...(truth.upstream['checkoutservice'] ?? [])].sort());
    expect(chain.upstream.every(({ last_seen: at }) => at !== undefined)).toBe(true);
    await unload('jaeger');
  });

  it('reads by several prefixes, of clusters that are not there too, and by an alias', async () => {
    await loadTopology(server.url, 'otel');
    const client = createElasticsearch({ url: server.url });
    const of = (options: { indexPrefix: string; index?: string }) =>
      createTopology({
        url: server.url,
        client,
        schema: 'auto',
        window: truth.window.join('/'),
        ...options,
      }).trace({ service: 'checkoutservice', now: new Date() });
    await client.indices.putAlias({ index: 'topo-traces-*.otel-*', name: 'our-spans' });
    for (const options of [
      { indexPrefix: 'nothing-,topo-,*:topo-' },
      { indexPrefix: '', index: 'our-spans,missing' },
    ]) {
      const chain = buildChain('checkoutservice', await of(options));
      expect([chain.status, chain.source.schema]).toEqual(['ok', 'otel']);
      expect(names(chain.downstream)).toEqual(
        [...(truth.downstream['checkoutservice'] ?? [])].sort(),
      );
    }
    await client.close();
    await unload('otel');
  });

  it('looks back for rare edges, with when they were last seen, and leaves nothing open', async () => {
    await loadTopology(server.url, 'otel');
    const exact = await chainsOf(server.url, 'otel')('frontend');
    expect(exact.edges.some(({ last_seen: at }) => at !== undefined)).toBe(false);
    const short = await chainsOf(server.url, 'otel', '1m')('frontendproxy');
    const old = short.edges.filter(({ last_seen: at }) => at !== undefined);
    expect(old.length).toBeGreaterThan(0);
    for (const { last_seen: at } of old)
      expect(Date.parse(at ?? '')).toBeLessThan(Date.parse(truth.window[1]) - 60_000);
    const { nodes } = await client.transport.request<{
      nodes: Record<string, { indices: { search: { open_contexts: number } } }>;
    }>({ method: 'GET', path: '/_nodes/stats/indices/search' });
    expect(Object.values(nodes).map((node) => node.indices.search.open_contexts)).toEqual([0]);
    await unload('otel');
  });
});
