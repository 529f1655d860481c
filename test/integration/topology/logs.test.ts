import { Client } from '@elastic/elasticsearch';
import { edgeName, logEntries, truth } from '../../fixtures/spans/log-entries';
import { createRandom } from '../../fixtures/random';
import { loadTopology, startElasticsearch } from '../../fixtures/servers/elasticsearch';
import { fieldChains, membersOf } from './field-cases';
import { chainsOf, countsOf } from './topology-cases';

jest.setTimeout(600_000);

const real = new Set(truth.edges.map(edgeName));
const asynchronous = new Set(
  truth.edges.filter(({ kind }) => kind === 'async').map(({ callee }) => callee),
);
const services = [...new Set(logEntries().map(({ service }) => service))].filter(
  (service) => service !== 'legacyservice',
);

/** Moves the clock of each service by its own -15 to +25 ms, in the index itself. */
async function skewIndices(url: string, seed: number): Promise<void> {
  const client = new Client({ node: url });
  const random = createRandom(seed).next;
  const skews = new Map([...services].sort().map((service) => [service, -15 + random() * 40]));
  const answer = await client.search<Record<string, string>>({
    index: 'topo-mock-*-logs-2026.08.2*',
    size: 10_000,
  });
  const operations = answer.hits.hits.flatMap(({ _index, _id, _source }) => {
    const at =
      Date.parse(_source?.['@timestamp'] ?? '') + (skews.get(_source?.['service'] ?? '') ?? 0);
    const time = new Date(at).toISOString();
    return [{ index: { _index, _id } }, { ..._source, '@timestamp': time }];
  });
  const { errors } = await client.bulk({ operations, refresh: true });
  if (errors) throw new Error('the skewed logs were not written');
  await client.close();
}

it.each(['8.19.9', '9.5.3'] as const)(
  'infers true edges alone from logs in Elasticsearch %s, and no direction once clocks are off',
  async (version) => {
    const server = await startElasticsearch(version);
    try {
      await loadTopology(server.url, 'logs');
      const chainOf = chainsOf(server.url, 'logs');
      const found = new Set<string>();
      for (const service of services) {
        const chain = await chainOf(service);
        expect([service, chain.source.basis]).toEqual([service, 'logs']);
        // A sample is said to be one; nothing else is doubtful.
        expect([service, chain.truncated.filter((reason) => reason !== 'traces')]).toEqual([
          service,
          [],
        ]);
        expect(chain.edges.every(({ via }) => via === 'inferred')).toBe(true);
        for (const edge of Object.keys(countsOf(chain))) found.add(edge);
        // Asynchronous calls outlive their caller: their consumers are members without a direction.
        const told = (names: string[] = []) => names.filter((name) => !asynchronous.has(name));
        const [up, down] = asynchronous.has(service)
          ? [[], []]
          : [told(truth.upstream[service]), told(truth.downstream[service])];
        expect([service, chain.upstream.map((m) => m.service).sort()]).toEqual([service, up]);
        expect([service, chain.downstream.map((m) => m.service).sort()]).toEqual([service, down]);
      }
      expect([...found].filter((edge) => !real.has(edge))).toEqual([]);
      expect(found.size / real.size).toBeGreaterThanOrEqual(0.885);
      expect((await chainOf('nobody')).status).toBe('unknown');

      for (const seed of [1, 2, 3]) {
        await loadTopology(server.url, 'logs');
        await skewIndices(server.url, seed);
        for (const service of services) {
          const chain = await chainOf(service);
          expect([seed, service, chain.upstream, chain.downstream, chain.edges]).toEqual([
            seed,
            service,
            [],
            [],
            [],
          ]);
          expect(chain.truncated).toContain('clock-skew');
          expect(chain.nodes.map(({ id }) => id)).toContain('frontendproxy');
        }
      }
    } finally {
      await server.stop();
    }
  },
);

it('reads logs whose fields have names of their own', async () => {
  const server = await startElasticsearch('8.19.9');
  try {
    const operations = Array.from({ length: 40 }, (_, n) => [
      { app: 'shop', took: 50, ts: 1_787_441_400_100 + n * 1_000, ctx: { request: `r${n}` } },
      {
        app: 'pay',
        took: 20 + (n % 7),
        ts: 1_787_441_400_080 + n * 1_000,
        ctx: { request: `r${n}` },
      },
    ])
      .flat()
      .flatMap((line) => [
        { create: { _index: 'ours-2026.08.22' } },
        { ...line, ts: new Date(line.ts).toISOString() },
      ]);
    const client = new Client({ node: server.url });
    const { errors } = await client.bulk({ operations, refresh: true });
    expect(errors).toBe(false);
    await client.close();
    const chainOf = fieldChains(server.url);
    const day = { window: '2026-08-22T00:00:00Z/2026-08-24T00:00:00Z' };
    expect((await chainOf('=ours-*', 'pay', day)).status).toBe('unknown');
    const logFields = { trace: 'ctx.request', service: 'app', time: 'ts', duration: 'took' };
    const chain = await chainOf('=ours-*', 'pay', { ...day, logFields });
    expect([chain.source.basis, membersOf(chain)]).toEqual(['logs', 'shop(1) | ']);
  } finally {
    await server.stop();
  }
});
