import type { ChainNode } from '../../domain/service-chain';
import type { Span } from '../../domain/topology/span';
import { unansweredCall, type SpanCall } from './call-from-spans';
import { keyOf } from './key-of';
import { nameStores } from './store-names';

/**
 * The calls of client and producer spans that no span answers. Stores and brokers report no spans: external. A peer
 * that is the name of a service is that service. Any other peer is a node of its own, `unresolved`, with the services
 * that answered behind it as candidates: behind one address (a gateway, a sidecar) there can be callees that never
 * report, so that an unanswered call is never counted for a callee that answered other calls.
 */
export function callsToPeers(
  spans: readonly Span[],
  made: readonly SpanCall[],
): { calls: SpanCall[]; nodes: ChainNode[] } {
  const answered = new Set(made.map(({ by }) => by));
  const known: Known = {
    services: new Set(spans.map(({ service }) => service)),
    behind: servicesBehindPeers(made),
    storeOf: nameStores(spans),
  };
  const nodes = new Map<string, ChainNode>();
  /** What was merged into the nodes already: one address is the peer of many spans. */
  const merged = new Set<string>();
  const calls: SpanCall[] = [];
  for (const span of spans) {
    if ((span.kind !== 'client' && span.kind !== 'producer') || answered.has(span)) continue;
    const node = calleeOf(span, known);
    if (node === null || node.id === span.service) continue;
    const source = keyOf(span.service, node.id, node.kind);
    if (node.kind !== 'service' && !merged.has(source)) {
      nodes.set(node.id, knownBest(nodes.get(node.id), node));
      merged.add(source);
    }
    calls.push(unansweredCall(span, node.id));
  }
  return { calls, nodes: [...nodes.values()] };
}

type Known = {
  services: ReadonlySet<string>;
  /** Caller and peer → the services that answered. */
  behind: ReadonlyMap<string, readonly string[]>;
  storeOf: (span: Span) => string | null;
};

function calleeOf(span: Span, { services, behind, storeOf }: Known): ChainNode | null {
  const store = storeOf(span);
  if (span.kind === 'producer') {
    const broker = store ?? span.topic?.system ?? null;
    return broker === null ? null : storeNode(broker, services);
  }
  if (store !== null) return storeNode(store, services);
  if (span.peer === null) return null;
  const named = [span.peer, withoutPort(span.peer)].find((name) => services.has(name));
  if (named !== undefined) return { id: named, kind: 'service' };
  const candidates = behind.get(keyOf(span.service, span.peer)) ?? [];
  return {
    id: span.peer,
    kind: 'unresolved',
    ...(candidates.length > 0 && { candidates: [...candidates] }),
  };
}

/** A store or a broker; some report spans of their own and are services then. */
const storeNode = (id: string, services: ReadonlySet<string>): ChainNode => ({
  id,
  kind: services.has(id) ? 'service' : 'external',
});

/** `host:port` → `host`. */
const withoutPort = (peer: string): string => peer.replace(/:\d+$/, '');

/** More candidates than these explain nothing. */
const MAX_CANDIDATES = 50;

/** For each caller and peer, the services that answered. */
function servicesBehindPeers(made: readonly SpanCall[]): Map<string, string[]> {
  const behind = new Map<string, Set<string>>();
  for (const { by, call } of made) {
    if (by.kind !== 'client' || by.peer === null) continue;
    const key = keyOf(by.service, by.peer);
    const callees = behind.get(key) ?? new Set<string>();
    behind.set(key, callees.add(call.callee));
  }
  return new Map(
    [...behind].map(([key, callees]) => [key, [...callees].sort().slice(0, MAX_CANDIDATES)]),
  );
}

/** One name can be the store of one service and the peer of another: a store is known, whichever was read first. */
function knownBest(before: ChainNode | undefined, node: ChainNode): ChainNode {
  const external = [before, node].find((one) => one?.kind === 'external');
  if (external !== undefined) return external;
  const candidates = [...new Set([...(before?.candidates ?? []), ...(node.candidates ?? [])])];
  return {
    ...node,
    ...(candidates.length > 0 && { candidates: candidates.sort().slice(0, MAX_CANDIDATES) }),
  };
}
