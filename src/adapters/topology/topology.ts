import { topologyFromElasticsearch } from './elasticsearch-topology';
import { topologyFromFile } from './topology-file';
import type { Topology, TopologyOptions } from './topology-source';

export type { Topology, TopologyOptions } from './topology-source';

/** Where service chains are read: Elasticsearch, or a `file:` of edges. */
export function createTopology(options: TopologyOptions): Topology {
  const { client } = options;
  return client === undefined
    ? topologyFromFile(options)
    : topologyFromElasticsearch(options, client);
}
