import type { ChainEdge, ChainMember, ChainNode, ServiceChain } from '../domain/service-chain';

/** One span in the terms that all schemas share. */
export type Span = {
  trace: string;
  id: string;
  parent: string | null;
  service: string;
  kind: 'client' | 'server' | 'producer' | 'consumer' | 'internal';
  failed: boolean;
  links: { trace: string; id: string }[];
  /** Where a client span says that it calls: a service, a store or a gateway. */
  peer: string | null;
  /** The peer is a store or a broker (db.system and the like): it never reports spans of its own. */
  store: string | null;
};
type Call = {
  caller: string;
  callee: string;
  via: ChainEdge['via'];
  failed: boolean;
  trace: string;
};

/**
 * Joins spans into calls: a span whose parent is of another service was called by it; a span link is an asynchronous
 * call; a client span that nobody answered is external when its peer is a store, else unresolved unless its peer is a known service.
 */
export function joinSpans(spans: readonly Span[]): {
  calls: Call[];
  nodes: ChainNode[];
  orphans: number;
} {
  const unique = new Map(
    spans.map((span) => [keyOf(span.trace, span.id, span.service, span.kind), span]),
  );
  const all = [...unique.values()];
  const byId = new Map(all.map((span) => [keyOf(span.trace, span.id), span]));
  const services = new Set(all.map(({ service }) => service));
  const answered = new Set<string>();
  const calls: Call[] = [];
  let orphans = 0;
  for (const span of all) {
    const parent = span.parent === null ? undefined : byId.get(keyOf(span.trace, span.parent));
    if (span.parent !== null && parent === undefined) orphans += 1;
    if (parent !== undefined && parent.service !== span.service) {
      answered.add(keyOf(parent.trace, parent.id));
      const via = span.kind === 'consumer' || parent.kind === 'producer' ? 'async' : 'sync';
      calls.push({
        caller: parent.service,
        callee: span.service,
        via,
        failed: span.failed || parent.failed,
        trace: span.trace,
      });
    }
    for (const link of span.links) {
      const source = byId.get(keyOf(link.trace, link.id));
      if (source === undefined || source.service === span.service) continue;
      calls.push({
        caller: source.service,
        callee: span.service,
        via: 'async',
        failed: span.failed,
        trace: link.trace,
      });
    }
  }
  const nodes = new Map<string, ChainNode>(
    [...services].map((id) => [id, { id, kind: 'service' }]),
  );
  for (const span of all) {
    if (span.kind !== 'client' || answered.has(keyOf(span.trace, span.id))) continue;
    const callee = span.store ?? span.peer;
    if (callee === null || callee === span.service) continue;
    // A peer that names a service which reports elsewhere is that service; anything else is not guessed.
    if (!nodes.has(callee))
      nodes.set(callee, { id: callee, kind: span.store === null ? 'unresolved' : 'external' });
    calls.push({
      caller: span.service,
      callee,
      via: 'sync',
      failed: span.failed,
      trace: span.trace,
    });
  }
  return { calls, nodes: [...nodes.values()], orphans };
}

/**
 * The chain of one service. Causal: a service is up- or downstream because some trace leads from one to the other,
 * not because edges of different requests connect.
 */
export function buildChain(
  service: string,
  spans: readonly Span[],
  about: Pick<ServiceChain, 'source' | 'truncated'>,
): ServiceChain {
  const { calls, nodes, orphans } = joinSpans(spans);
  const { sampled, total } = about.source.traces;
  const scale = sampled > 0 ? Math.max(1, total / sampled) : 1;
  const truncated = new Set(about.truncated);
  if (spans.length > 0 && orphans / spans.length > MAX_ORPHAN_SHARE) truncated.add('orphans');
  const known = spans.some((span) => span.service === service);
  const isNode = new Set(nodes.filter(({ kind }) => kind === 'service').map(({ id }) => id));
  const members = (hops: Map<string, number>): ChainMember[] =>
    [...hops]
      .filter(([id]) => isNode.has(id))
      .map(([id, distance]) => ({ service: id, hops: distance }))
      .sort((a, b) => a.hops - b.hops || (a.service < b.service ? -1 : 1));
  const upstream = reach(service, calls, (call) => [call.callee, call.caller]);
  const downstream = reach(service, calls, (call) => [call.caller, call.callee]);
  const inChain = new Set([service, ...upstream.keys(), ...downstream.keys()]);
  const edges = countEdges(calls, scale).filter(
    (e) => inChain.has(e.caller) && inChain.has(e.callee),
  );
  return {
    service,
    nodes: nodes.filter(({ id }) => inChain.has(id)),
    edges,
    upstream: members(upstream),
    downstream: members(downstream),
    source: about.source,
    status: !known ? 'unknown' : truncated.size > 0 ? 'partial' : 'ok',
    truncated: [...truncated],
  };
}

/** Above this share of spans without their parent, calls are surely missing (a shard, an index or a sampler ate them). */
const MAX_ORPHAN_SHARE = 0.05;

/** Breadth first within each trace; the fewest hops over all traces. */
function reach(
  start: string,
  calls: readonly Call[],
  direct: (call: Call) => [from: string, to: string],
): Map<string, number> {
  const traces = new Map<string, Map<string, Set<string>>>();
  for (const call of calls) {
    const [from, to] = direct(call);
    const edges = traces.get(call.trace) ?? new Map<string, Set<string>>();
    traces.set(call.trace, edges.set(from, (edges.get(from) ?? new Set()).add(to)));
  }
  const fewest = new Map<string, number>();
  for (const edges of traces.values()) {
    const seen = new Set([start]);
    let frontier = [start];
    for (let hops = 1; frontier.length > 0; hops += 1) {
      const next = [...new Set(frontier.flatMap((id) => [...(edges.get(id) ?? [])]))].filter(
        (id) => !seen.has(id),
      );
      for (const id of next) {
        seen.add(id);
        fewest.set(id, Math.min(hops, fewest.get(id) ?? hops));
      }
      frontier = next;
    }
  }
  return fewest;
}

function countEdges(calls: readonly Call[], scale: number): ChainEdge[] {
  const edges = new Map<string, ChainEdge>();
  for (const { caller, callee, via, failed } of calls) {
    const key = keyOf(caller, callee, via);
    const edge = edges.get(key) ?? { caller, callee, via, calls: 0, errors: 0, scale };
    edges.set(key, {
      ...edge,
      calls: edge.calls + 1,
      errors: (edge.errors ?? 0) + (failed ? 1 : 0),
    });
  }
  return [...edges.values()].sort(
    (a, b) => b.calls - a.calls || (a.caller + a.callee < b.caller + b.callee ? -1 : 1),
  );
}

const keyOf = (...parts: string[]): string => JSON.stringify(parts);
