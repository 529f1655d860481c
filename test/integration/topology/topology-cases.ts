import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import { createTopology, type TopologyOptions } from '../../../src/adapters/topology/topology';
import type { ServiceChain } from '../../../src/domain/service-chain';
import { buildChain } from '../../../src/steps/service-chain/build-chain';
import { truth } from '../../fixtures/spans/log-entries';

/** Chains of the constructed sets (index prefix `topo-`) in their window, or in another. */
export function chainsOf(
  url: string,
  schema: TopologyOptions['schema'],
  window = truth.window.join('/'),
  now = new Date(truth.window[1]),
) {
  const client = createElasticsearch({ url });
  const topology = createTopology({ url, client, schema, indexPrefix: 'topo-', window });
  return async (service: string): Promise<ServiceChain> =>
    buildChain(service, await topology.trace({ service, now }));
}

/** Calls and errors of each edge between services, as `caller -> callee`. */
export const countsOf = (chain: ServiceChain): Record<string, [number, number | null]> => {
  const services = new Set(
    chain.nodes.filter(({ kind }) => kind === 'service').map(({ id }) => id),
  );
  return Object.fromEntries(
    chain.edges
      .filter(({ callee }) => services.has(callee))
      .map(({ caller, callee, calls, errors }) => [`${caller} -> ${callee}`, [calls, errors]]),
  );
};

export async function send(
  url: string,
  body: Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body, headers });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}

/** Documents of the indices that can be found. */
export async function countOf(url: string, indices: string): Promise<number> {
  await fetch(`${url}/${indices}/_refresh`, { method: 'POST' });
  const answer = await fetch(`${url}/${indices}/_count`);
  return ((await answer.json()) as { count?: number }).count ?? 0;
}
