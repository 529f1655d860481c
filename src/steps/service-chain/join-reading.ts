import type { ChainEdge, ChainNode, ChainNote } from '../../domain/service-chain';
import { countEdges, lastSeen } from './count-edges';
import { inferCalls } from './infer-calls';
import { isoTime } from './iso-time';
import { joinSpans } from './join-spans';
import type { Call, Reading, Relation } from '../../domain/topology/reading';
import { keyOf } from './span-index';

export type JoinedReading = {
  earlier: boolean;
  edges: ChainEdge[];
  calls: Call[];
  nodes: ChainNode[];
  /** Services known to take part, whichever way the calls went (logs only). */
  members: string[];
  notes: ChainNote[];
};

/** Above this share of spans without their parent, calls are surely missing (a shard, an index or a sampler ate them). */
const MAX_ORPHAN_SHARE = 0.05;

/**
 * One reading as edges and calls. `only`: a reading beside the first one adds calls between services; from relations,
 * which have no traces, just those of that service itself, or reachability would leak into a causal chain.
 */
export function joinReading(reading: Reading, only: string | null): JoinedReading {
  switch (reading.kind) {
    case 'spans':
      return ofSpans(reading, only);
    case 'logs': {
      const { calls, members, notes } = inferCalls(reading.entries);
      return { ...ofCalls(reading, calls, servicesOf(calls, members)), members, notes };
    }
    case 'relations':
      return ofRelations(reading, only);
  }
}

function ofSpans(reading: Reading & { kind: 'spans' }, only: string | null): JoinedReading {
  const joined = joinSpans(reading.spans);
  const services = new Set(
    joined.nodes.filter(({ kind }) => kind === 'service').map(({ id }) => id),
  );
  const calls =
    only === null ? joined.calls : joined.calls.filter(({ callee }) => services.has(callee));
  const nodes = only === null ? joined.nodes : joined.nodes.filter(({ id }) => services.has(id));
  const share = joined.spans === 0 ? 0 : joined.orphans / joined.spans;
  const note: ChainNote = {
    reason: 'orphans',
    detail: `${reading.schema}: ${joined.orphans} of ${joined.spans} spans name a parent that was not found`,
  };
  // Older data may have been deleted in part: that says nothing about the window.
  const notes = share > MAX_ORPHAN_SHARE && !reading.earlier ? [note] : [];
  return { ...ofCalls(reading, calls, nodes), notes };
}

const servicesOf = (calls: readonly Call[], members: readonly string[]): ChainNode[] =>
  [...new Set([...members, ...calls.flatMap(({ caller, callee }) => [caller, callee])])].map(
    (id) => ({ id, kind: 'service' }),
  );

function ofCalls(reading: Reading, calls: Call[], nodes: ChainNode[]): JoinedReading {
  const { sampled, total } = reading.traces;
  const edges = countEdges(calls, sampled > 0 ? Math.max(1, total / sampled) : 1);
  const dated = reading.earlier ? withLastSeen(edges, calls) : edges;
  return { earlier: reading.earlier, edges: dated, calls, nodes, members: [], notes: [] };
}

function withLastSeen(edges: readonly ChainEdge[], calls: readonly Call[]): ChainEdge[] {
  const seen = lastSeen(calls);
  return edges.map((edge) => {
    const at = isoTime(seen.get(keyOf(edge.caller, edge.callee)));
    return at === undefined ? edge : { ...edge, last_seen: at };
  });
}

/** All relations are taken to be of one trace: what connects is reachable. */
function ofRelations(
  { relations, earlier, schema }: Reading & { kind: 'relations' },
  only: string | null,
): JoinedReading {
  const kept = relations.filter(
    ({ caller, callee, kind }) =>
      caller !== callee &&
      (only === null || (kind === undefined && (caller === only || callee === only))),
  );
  return {
    earlier,
    edges: kept.map((relation) => edgeOf(relation, earlier)),
    calls: kept.map(({ caller, callee, via, last_seen }) => {
      const at = last_seen === undefined ? null : Date.parse(last_seen);
      return { caller, callee, via, failed: null, trace: schema, at };
    }),
    nodes: kept.flatMap(nodesOf),
    members: [],
    notes: [],
  };
}

/** When an edge was last seen is told of those alone that are not in the window. */
const edgeOf = (
  { caller, callee, via, calls, errors, last_seen }: Relation,
  earlier: boolean,
): ChainEdge => ({
  caller,
  callee,
  via,
  calls,
  errors,
  scale: 1,
  ...(earlier && last_seen !== undefined && { last_seen }),
});

const nodesOf = ({ caller, callee, kind, candidates }: Relation): ChainNode[] => [
  { id: caller, kind: 'service' },
  { id: callee, kind: kind ?? 'service', ...(candidates && { candidates }) },
];
