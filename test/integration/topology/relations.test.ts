import { edgeName, truth } from '../../fixtures/spans/log-entries';
import { loadTopology, startElasticsearch } from '../../fixtures/servers/elasticsearch';
import { chainsOf, countsOf } from './topology-cases';

jest.setTimeout(600_000);

const linked = 'checkoutservice -> accountingservice';
const trueCounts = (without: string[]): Record<string, [number, number]> =>
  Object.fromEntries(
    truth.edges
      .filter((edge) => !without.includes(edgeName(edge)))
      .map((edge) => [edgeName(edge), [edge.calls, edge.errors]]),
  );

describe.each(['8.19.9', '9.5.3'] as const)('Elasticsearch %s', (version) => {
  let server: Awaited<ReturnType<typeof startElasticsearch>>;
  beforeAll(async () => {
    server = await startElasticsearch(version);
    for (const set of ['apm', 'jaeger', 'zipkin', 'skywalking'])
      await loadTopology(server.url, set);
  });
  afterAll(() => server.stop());

  it('counts all calls and errors by APM metrics, but for the linked edge', async () => {
    const chain = await chainsOf(server.url, 'apm-metrics')('frontendproxy');
    expect(countsOf(chain)).toEqual(trueCounts([linked]));
    expect(chain.status).toBe('ok');
    expect(chain.source.basis).toBe('relations');
    const external = chain.nodes.filter(({ kind }) => kind !== 'service');
    expect(external.map(({ id, kind }) => [id, kind])).toEqual([['redis', 'external']]);
  });

  it('reads the stores of a service that only answers, and its callers', async () => {
    const chain = await chainsOf(server.url, 'apm-metrics')('emailservice');
    expect(chain.upstream.map((m) => m.service).sort()).toEqual(truth.upstream['emailservice']);
    expect(chain.downstream).toEqual([]);
    const accounting = await chainsOf(server.url, 'apm-metrics')('accountingservice');
    expect(accounting.edges).toMatchObject([{ callee: 'postgresql', calls: 34, errors: 1 }]);
  });

  it('counts two runs of one day of Jaeger dependencies once', async () => {
    const counts = countsOf(await chainsOf(server.url, 'jaeger-dependencies')('frontendproxy'));
    expect(counts['frontendproxy -> frontend']).toEqual([200, null]);
    expect(Object.keys(counts).sort()).toEqual(Object.keys(trueCounts([linked])).sort());
    expect(counts['frontend -> frontend']).toBeUndefined();
  });

  it('finds midnight documents of the day before in a window of one hour', async () => {
    const hour = '2026-08-23T23:00:00Z/2026-08-24T00:30:00Z';
    const counts = countsOf(
      await chainsOf(server.url, 'jaeger-dependencies', hour)('frontendproxy'),
    );
    expect(counts['frontendproxy -> frontend']).toEqual([96, null]);
    const zipkin = countsOf(await chainsOf(server.url, 'zipkin-dependency', hour)('frontendproxy'));
    expect(zipkin['frontendproxy -> frontend']?.[0]).toBe(96);
  });

  it('adds the days of Zipkin dependency documents that the window touches', async () => {
    const chain = await chainsOf(server.url, 'zipkin-dependency')('frontendproxy');
    const counts = countsOf(chain);
    expect(counts['frontendproxy -> frontend']).toEqual([200, 15]);
    // It counts by server spans: calls that were never answered, and messages, are not in it.
    expect(counts).toEqual(
      Object.fromEntries(
        truth.edges
          .filter(({ kind }) => kind === 'sync')
          .map((edge) => [edgeName(edge), [edge.paired, edge.paired_errors]]),
      ),
    );
  });

  it('reads SkyWalking relations by minute alone, unanswered calls from the client side', async () => {
    const chain = await chainsOf(server.url, 'skywalking')('frontendproxy');
    const counts = countsOf(chain);
    expect(Object.keys(counts).sort()).toEqual(Object.keys(trueCounts([])).sort());
    for (const edge of truth.edges.filter(({ callee }) => callee !== 'emailservice')) {
      expect([edgeName(edge), counts[edgeName(edge)]?.[0]]).toEqual([edgeName(edge), edge.calls]);
      expect(counts[edgeName(edge)]?.[1]).toBeLessThanOrEqual(edge.errors);
    }
    expect(counts['checkoutservice -> emailservice']?.[0]).toBe(27);
    expect(
      chain.nodes
        .filter(({ kind }) => kind === 'unresolved')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['mesh-gateway:8080', 'postgresql:5432', 'redis-cart:6379']);
  });

  it.each(['apm-metrics', 'skywalking', 'jaeger-dependencies', 'zipkin-dependency'] as const)(
    'never takes a name that %s does not have for a service without dependencies',
    async (schema) => {
      const chain = await chainsOf(server.url, schema)('a"b{c}\\d');
      expect([chain.status, chain.edges]).toEqual(['unknown', []]);
    },
  );
});
