import { z } from 'zod';
import type { Relation } from '../../domain/topology/reading';
import { readJsonFile } from '../files/json-file';
import type { Topology, TopologyOptions } from './topology-source';
import { MAX_TEXT } from './documents/hit-fields';
import { windowAt } from './topology-window';

/** `{"edges": [{caller, callee, calls?, errors?, external?}]}`; `external` names a store or broker (redis, …). */
const EdgeFile = z.object({
  edges: z.array(
    z.object({
      caller: z.string().min(1).max(MAX_TEXT),
      callee: z.string().min(1).max(MAX_TEXT),
      calls: z.int().positive().default(1),
      errors: z.int().nonnegative().default(0),
      external: z.boolean().default(false),
    }),
  ),
});

/** A file has no traces, so its edges show reachability only. */
export const topologyFromFile = ({ url, window: text }: TopologyOptions): Topology => ({
  async trace({ now }) {
    const { edges } = await readJsonFile('elasticsearch', url, EdgeFile);
    const { from, to } = windowAt(text, now);
    const relations = edges.map(({ external, ...edge }): Relation => ({
      ...edge,
      via: 'sync',
      ...(external && { kind: 'external' }),
    }));
    const traces = { sampled: 0, total: 0 };
    return {
      readings: [{ schema: 'file', earlier: false, traces, kind: 'relations', relations }],
      source: {
        indices: [],
        window: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
      },
      notes: [],
    };
  },
});
