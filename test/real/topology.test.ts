import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createElasticsearch } from '../../src/adapters/elasticsearch';
import { createTopology } from '../../src/adapters/topology/topology';
import { buildChain } from '../../src/steps/service-chain/build-chain';
import { loadTopology, startElasticsearch } from '../servers/elasticsearch';

jest.setTimeout(180_000);

type Truth = {
  window: [string, string];
  edges: { caller: string; callee: string; paired: number }[];
  upstream: Record<string, string[]>;
  downstream: Record<string, string[]>;
};
const truth = JSON.parse(
  readFileSync(path.resolve(__dirname, '../fixtures/topology/truth.json'), 'utf8'),
) as Truth;

it.each(['8.19.9', '9.5.3'] as const)(
  'reads the true chain of every service from Elasticsearch %s',
  async (version) => {
    const server = await startElasticsearch(version);
    try {
      await loadTopology(server.url, 'otel');
      const topology = createTopology({
        url: server.url,
        client: createElasticsearch({ url: server.url }),
        schema: 'otel',
        indexPrefix: 'topo-',
        window: truth.window.join('/'),
      });
      const edges = new Set<string>();
      for (const [service, upstream] of Object.entries(truth.upstream)) {
        const traced = await topology.trace({ service, now: new Date() });
        const chain = buildChain(service, traced);
        expect([service, chain.upstream.map((m) => m.service).sort()]).toEqual([
          service,
          [...upstream].sort(),
        ]);
        const downstream = truth.downstream[service] ?? [];
        expect([service, chain.downstream.map((m) => m.service).sort()]).toEqual([
          service,
          [...downstream].sort(),
        ]);
        const services = new Set(
          chain.nodes.filter((node) => node.kind === 'service').map((node) => node.id),
        );
        chain.edges
          .filter((e) => services.has(e.callee))
          .forEach((e) => edges.add(`${e.caller}->${e.callee}`));
      }
      expect([...edges].sort()).toEqual(truth.edges.map((e) => `${e.caller}->${e.callee}`).sort());

      const unknown = await topology.trace({ service: 'a"b{c}\\d', now: new Date() });
      expect(buildChain('a"b{c}\\d', unknown).status).toBe('unknown');
    } finally {
      await server.stop();
    }
  },
);
