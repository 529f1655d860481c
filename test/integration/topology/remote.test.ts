import { Client } from '@elastic/elasticsearch';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import { createTopology, type TopologyOptions } from '../../../src/adapters/topology/topology';
import { UpstreamError } from '../../../src/adapters/upstream/upstream-error';
import type { ServiceChain } from '../../../src/domain/service-chain';
import { buildChain } from '../../../src/steps/service-chain/build-chain';
import { edgeName, truth } from '../../fixtures/spans/log-entries';
import { loadTopology, startOwnElasticsearch } from '../../fixtures/servers/elasticsearch';
import { countsOf } from './topology-cases';

jest.setTimeout(300_000);

const names = (members: { service: string }[]) => members.map(({ service }) => service).sort();
const trueCallees = [...(truth.downstream['checkoutservice'] ?? [])].sort();

/** Two clusters of their own; `near` searches `far` too. */
describe.each([
  ['9.5.3', '8.19.9'],
  ['8.19.9', '8.19.9'],
] as const)('an Elasticsearch %s with a remote %s', (nearVersion, farVersion) => {
  let near: Awaited<ReturnType<typeof startOwnElasticsearch>>;
  let far: Awaited<ReturnType<typeof startOwnElasticsearch>>;
  let client: Client;
  beforeAll(async () => {
    near = await startOwnElasticsearch(nearVersion);
    far = await startOwnElasticsearch(farVersion);
    client = createElasticsearch({ url: near.url });
    await connect('far', far.transport, true);
    await loadTopology(far.url, 'otel');
  });
  afterAll(async () => {
    await client?.close();
    await near?.stop();
    await far?.stop();
  });

  const connect = (name: string, seed: string, skip: boolean) =>
    client.cluster.putSettings({
      persistent: {
        [`cluster.remote.${name}.seeds`]: [seed],
        [`cluster.remote.${name}.skip_unavailable`]: skip,
      },
    });
  const chainOf = async (
    options: Partial<TopologyOptions>,
    service = 'checkoutservice',
  ): Promise<ServiceChain> =>
    buildChain(
      service,
      await createTopology({
        url: near.url,
        client,
        schema: 'auto',
        indexPrefix: 'topo-',
        window: truth.window.join('/'),
        ...options,
      }).trace({ service, now: new Date() }),
    );

  it('reads the chain of another cluster, by prefix and by index', async () => {
    expect((await chainOf({})).status).toBe('unknown');
    for (const options of [
      { indexPrefix: '*:topo-' },
      { indexPrefix: 'far:topo-' },
      { index: 'far:topo-traces-*' },
      { index: 'far:topo-traces-*', schema: 'otel' as const },
    ]) {
      const chain = await chainOf(options);
      expect([chain.status, chain.source.schema]).toEqual(['ok', 'otel']);
      expect(names(chain.downstream)).toEqual(trueCallees);
    }
  });

  /** Each cluster keeps the spans of which `here` says so. */
  async function keep(server: { url: string }, here: (spanId: string) => boolean): Promise<void> {
    const own = new Client({ node: server.url });
    const { hits } = await own.search({
      ...{ index: 'topo-traces-*', size: 10_000, fields: ['span_id'], _source: false },
    });
    const gone = hits.hits.filter(({ fields }) => !here(String(fields?.['span_id'][0])));
    expect(gone.length).toBeGreaterThan(500);
    const operations = gone.map(({ _id, _index }) => ({ delete: { _id, _index } }));
    await own.bulk({ refresh: true, operations });
    await own.close();
  }

  it('joins traces of which each cluster holds a part', async () => {
    await loadTopology(near.url, 'otel');
    const isNear = (id: string) => /[0-7]$/.test(id);
    await keep(near, isNear);
    await keep(far, (id) => !isNear(id));
    const chain = await chainOf({ indexPrefix: 'topo-,*:topo-' }, 'frontendproxy');
    expect([chain.status, chain.source.schema]).toEqual(['ok', 'otel']);
    const edges = Object.keys(countsOf(chain)).sort();
    expect(edges).toEqual(truth.edges.map(edgeName).sort());
    const calls = (of: ServiceChain) => of.edges.reduce((sum, edge) => sum + edge.calls, 0);
    const half = await chainOf({}, 'frontendproxy');
    expect(half.truncated).toContain('orphans');
    expect(calls(half)).toBeLessThan(calls(chain));
  });

  it('refuses a cluster that nobody knows, for good and by name', async () => {
    const error: unknown = await chainOf({ index: 'nowhere:topo-traces-*' }).catch((e) => e);
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({ permanent: true });
    expect((error as Error).message).toMatch(/no such remote cluster.*nowhere/i);
  });

  it('tells what is here where a cluster that may be missing is gone, and that it is', async () => {
    await far.stop();
    for (const options of [{ indexPrefix: 'topo-,*:topo-' }, { indexPrefix: 'topo-,far:topo-' }]) {
      const chain = await chainOf(options, 'frontendproxy');
      expect([chain.status, chain.source.schema]).toEqual(['partial', 'otel']);
      expect(chain.truncated).toContain('remote');
      expect(chain.edges.length).toBeGreaterThan(0);
    }
    // Where nothing else is asked, the read fails to be tried again, and names the cluster.
    const error: unknown = await chainOf({ indexPrefix: '*:topo-' }).catch((e) => e);
    expect(error).toMatchObject({ name: 'UpstreamError', permanent: false });
    expect((error as Error).message).toMatch(/a remote cluster .*Unable to connect to \[far\]/);
  });

  it('says that a cluster is gone where nothing is known of the service here', async () => {
    const chain = await chainOf({ indexPrefix: 'topo-,*:topo-' }, 'only-there');
    expect([chain.status, chain.truncated]).toEqual(['unknown', ['remote']]);
  });

  it('fails to be tried again where a cluster must not be missing, and says which', async () => {
    await connect('far', far.transport, false);
    const error: unknown = await chainOf({ indexPrefix: 'topo-,*:topo-' }).catch((e) => e);
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({ permanent: false });
    expect((error as Error).message).toContain('cannot reach a remote cluster');
    expect((error as Error).message).toContain(far.transport);
  });
});
