import type { ChainEdge, ChainNode, ChainNote } from '../../domain/service-chain';
import type { Reading, Relation } from '../../domain/topology/reading';
import type { Call, Exchange, Place, Step } from './call';
import { callWeights } from './spans/call-weights';
import { countEdges, lastSeen } from './count-edges';
import { inferCalls } from './logs/infer-calls';
import { isoTime } from './iso-time';
import { joinSpans, type JoinedSpans } from './spans/join-spans';
import { keyOf } from './key-of';
import { spanNotes } from './spans/span-notes';

export type JoinedReading = {
  earlier: boolean;
  edges: ChainEdge[];
  calls: Call[];
  steps: Step[];
  exchanges: Exchange[];
  nodes: ChainNode[];
  /** Services of the same requests whose callers and callees are not known (logs only). */
  members: string[];
  notes: ChainNote[];
};

/** Above this share of spans without their parent, calls are missing: a shard, an index or a sampler left spans out. */
const MAX_ORPHAN_SHARE = 0.05;

/**
 * Each reading as edges and calls. Readings after the first one add calls between services; relations, which have no
 * traces, add only those of `service` itself, or reachability would enter a causal chain.
 */
export function joinReadings(service: string, readings: readonly Reading[]): JoinedReading[] {
  const spanReadings = readings.filter((reading) => reading.kind === 'spans');
  const spans = spanReadings.map((reading) => reading.spans);
  const joined = joinSpans(spans);
  const said = spanNotes(spans);
  const places = createPlaces();
  return readings.map((reading, at): JoinedReading => {
    const isFirst = at === 0 || (reading.kind === 'spans' && reading.sameTraces === true);
    const only = isFirst ? null : service;
    switch (reading.kind) {
      case 'spans':
        return withNotes(
          ofSpans(reading, joined, joined[spanReadings.indexOf(reading)], only),
          reading === spanReadings[0] ? said : [],
        );
      case 'logs': {
        const { calls, steps, members, notes } = inferCalls(reading.entries);
        const nodes = servicesOf(calls, members);
        return { ...ofCalls(reading, calls), steps, exchanges: [], nodes, members, notes };
      }
      case 'relations':
        return ofRelations(reading, places, only);
    }
  });
}

const withNotes = (joined: JoinedReading, more: readonly ChainNote[]): JoinedReading => ({
  ...joined,
  notes: [...joined.notes, ...more],
});

/** The place of a service in the relations of a schema: what connects there is reachable. */
function createPlaces(): (schema: string, service: string) => Place {
  const places = new Map<string, Map<string, Place>>();
  return (schema, service) => {
    const ofSchema = places.get(schema) ?? new Map<string, Place>();
    places.set(schema, ofSchema);
    const place = ofSchema.get(service) ?? { service };
    ofSchema.set(service, place);
    return place;
  };
}

function ofSpans(
  reading: Reading & { kind: 'spans' },
  all: readonly JoinedSpans[],
  joined: JoinedSpans | undefined,
  only: string | null,
): JoinedReading {
  if (joined === undefined) throw new Error(`the spans of ${reading.schema} were not joined`);
  const isService = ({ kind }: ChainNode): boolean => kind === 'service';
  const services = new Set(all.flatMap(({ nodes }) => nodes.filter(isService).map(({ id }) => id)));
  const calls =
    only === null ? joined.calls : joined.calls.filter(({ callee }) => services.has(callee));
  const nodes = only === null ? joined.nodes : joined.nodes.filter(isService);
  const share = joined.spans === 0 ? 0 : joined.orphans / joined.spans;
  const note: ChainNote = {
    reason: 'orphans',
    detail: `${reading.schema}: ${joined.orphans} of ${joined.spans} spans name a parent that was not found`,
  };
  // Older data may have been deleted in part, which shows nothing about the window.
  const notes = share > MAX_ORPHAN_SHARE && !reading.earlier ? [note] : [];
  const { steps, exchanges } = joined;
  return { ...ofCalls(reading, calls), steps, exchanges, nodes, members: [], notes };
}

const servicesOf = (calls: readonly Call[], members: readonly string[]): ChainNode[] =>
  [...new Set([...members, ...calls.flatMap(({ caller, callee }) => [caller, callee])])].map(
    (id) => ({ id, kind: 'service' }),
  );

function ofCalls(
  reading: Reading,
  calls: Call[],
): Pick<JoinedReading, 'earlier' | 'edges' | 'calls'> {
  const edges = withCounts(countEdges(calls, weightsOf(reading)), reading);
  const dated = reading.earlier ? withLastSeen(edges, calls) : edges;
  return { earlier: reading.earlier, edges: dated, calls };
}

/** Edges that only traces beside the sample show have the calls that the server counted. */
function withCounts(edges: readonly ChainEdge[], reading: Reading): ChainEdge[] {
  const { counted = [] } = reading.kind === 'spans' ? reading : {};
  if (counted.length === 0) return [...edges];
  const calls = new Map(counted.map((each) => [keyOf(each.caller, each.callee), each.calls]));
  return edges.map((edge) => {
    const known = calls.get(keyOf(edge.caller, edge.callee));
    return known === undefined || edge.scale > 1 || edge.via !== 'sync'
      ? edge
      : { ...edge, scale: Math.max(1, known / edge.calls) };
  });
}

function weightsOf(reading: Reading): (call: Call) => number {
  if (reading.kind === 'spans') return callWeights(reading);
  const { sampled, total } = reading.traces;
  const scale = sampled > 0 ? Math.max(1, total / sampled) : 1;
  return () => scale;
}

function withLastSeen(edges: readonly ChainEdge[], calls: readonly Call[]): ChainEdge[] {
  const seen = lastSeen(calls);
  return edges.map((edge) => {
    const at = isoTime(seen.get(keyOf(edge.caller, edge.callee)));
    return at === undefined ? edge : { ...edge, last_seen: at };
  });
}

function ofRelations(
  { relations, earlier, schema }: Reading & { kind: 'relations' },
  placeOf: (schema: string, service: string) => Place,
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
      return { caller, callee, via, failed: null, at };
    }),
    steps: kept.map(({ caller, callee }) => ({
      from: placeOf(schema, caller),
      to: placeOf(schema, callee),
    })),
    exchanges: [],
    nodes: kept.flatMap(endsOf),
    members: [],
    notes: [],
  };
}

/** The time is shown only for edges that are not in the window. */
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

const endsOf = ({ caller, callee, kind, candidates }: Relation): ChainNode[] => [
  { id: caller, kind: 'service' },
  { id: callee, kind: kind ?? 'service', ...(candidates && { candidates }) },
];
