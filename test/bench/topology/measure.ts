import type { Client } from '@elastic/elasticsearch';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import { createTopology } from '../../../src/adapters/topology/topology';
import type { ServiceChain } from '../../../src/domain/service-chain';
import { traceServiceChain } from '../../../src/activities/trace-service-chain';
import { startCountingProxy } from './counting-proxy';
import { WINDOW } from './load';

export type Measured = {
  service: string;
  chain: ServiceChain;
  requests: number;
  bytes: number;
  coldMs: number;
  warmMs: number;
};

/** The chain of one service: once after Elasticsearch dropped its caches, then again for the warm figure. */
export async function measureChains(url: string, services: string[]): Promise<Measured[]> {
  const proxy = await startCountingProxy(url);
  const direct = createElasticsearch({ url });
  const client = createElasticsearch({ url: proxy.url });
  let requests = 0;
  client.diagnostic.on('request', () => (requests += 1));
  const measured: Measured[] = [];
  try {
    for (const service of services) {
      await direct.indices.clearCache({ index: '*' });
      const before = { requests, bytes: proxy.bytes() };
      const cold = await timed(() => readChain(proxy.url, client, service));
      const used = { requests: requests - before.requests, bytes: proxy.bytes() - before.bytes };
      const warm = await timed(() => readChain(proxy.url, client, service));
      measured.push({ service, chain: cold.result, ...used, coldMs: cold.ms, warmMs: warm.ms });
      process.stderr.write(`\r${measured.length} of ${services.length} chains`);
    }
    process.stderr.write('\n');
    return measured;
  } finally {
    await client.close();
    await direct.close();
    proxy.stop();
  }
}

/** A new topology each time: no result of an earlier read is kept. */
function readChain(url: string, client: Client, service: string): Promise<ServiceChain> {
  const window = `${new Date(WINDOW.from).toISOString()}/${new Date(WINDOW.to).toISOString()}`;
  const topology = createTopology({ url, client, schema: 'otel', indexPrefix: 'bench-', window });
  return traceServiceChain({ topology }, { service, now: new Date(WINDOW.to).toISOString() });
}

async function timed<Result>(body: () => Promise<Result>): Promise<{ result: Result; ms: number }> {
  const start = performance.now();
  const result = await body();
  return { result, ms: performance.now() - start };
}
