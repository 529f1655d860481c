import type { ChainNode } from '../../domain/service-chain';
import type { Call } from '../../domain/topology/reading';
import type { Made } from './call-from-spans';
import { keyOf } from './span-index';
import type { Span } from '../../domain/topology/span';

/**
 * Client and producer spans that nobody answered. Stores and brokers never report: external. A peer that is a known
 * service, or behind which this caller was always seen to reach one and the same service, is that service. Anything
 * else stays `unresolved` under the peer's name, with the services seen behind it as candidates.
 */
export function resolveUnanswered(
  spans: readonly Span[],
  made: readonly Made[],
): { calls: Made[]; nodes: ChainNode[] } {
  const answered = new Set(made.map(({ by }) => by));
  const services = new Set(spans.map(({ service }) => service));
  const behind = servicesBehindPeers(made);
  const nodes = new Map<string, ChainNode>();
  const calls: Made[] = [];
  for (const span of spans) {
    if ((span.kind !== 'client' && span.kind !== 'producer') || answered.has(span)) continue;
    const node = calleeOf(span, services, behind);
    if (node === null || node.id === span.service) continue;
    if (node.kind !== 'service') nodes.set(node.id, merged(nodes.get(node.id), node));
    calls.push({ call: unansweredCall(span, node.id), by: span });
  }
  return { calls, nodes: [...nodes.values()] };
}

const unansweredCall = (span: Span, callee: string): Call => ({
  caller: span.service,
  callee,
  via: span.kind === 'producer' ? 'async' : 'sync',
  failed: span.failed,
  trace: span.trace,
  at: span.start,
});

function calleeOf(
  span: Span,
  services: ReadonlySet<string>,
  behind: ReadonlyMap<string, ReadonlySet<string>>,
): ChainNode | null {
  if (span.kind === 'producer') {
    const broker = span.store ?? span.topic?.system ?? null;
    return broker === null ? null : otherEnd(broker, services);
  }
  if (span.store !== null) return otherEnd(span.store, services);
  if (span.peer === null) return null;
  const named = [span.peer, withoutPort(span.peer)].find((name) => services.has(name));
  if (named !== undefined) return { id: named, kind: 'service' };
  const candidates = [...(behind.get(keyOf(span.service, span.peer)) ?? [])].sort();
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) return { id: only, kind: 'service' };
  return { id: span.peer, kind: 'unresolved', ...(candidates.length > 0 && { candidates }) };
}

/** A store or a broker; some report spans of their own, and are services then. */
const otherEnd = (id: string, services: ReadonlySet<string>): ChainNode => ({
  id,
  kind: services.has(id) ? 'service' : 'external',
});

/** `host:port` → `host`. */
const withoutPort = (peer: string): string => peer.replace(/:\d+$/, '');

/** For each caller and peer, the services that answered. */
function servicesBehindPeers(made: readonly Made[]): Map<string, Set<string>> {
  const behind = new Map<string, Set<string>>();
  for (const { by, call } of made) {
    if (by.kind !== 'client' || by.peer === null) continue;
    const key = keyOf(by.service, by.peer);
    behind.set(key, (behind.get(key) ?? new Set()).add(call.callee));
  }
  return behind;
}

/** One name may be somebody's store and somebody else's peer: a store is known, whichever was read first. */
function merged(before: ChainNode | undefined, node: ChainNode): ChainNode {
  const external = [before, node].find((one) => one?.kind === 'external');
  if (external !== undefined) return external;
  const candidates = [...new Set([...(before?.candidates ?? []), ...(node.candidates ?? [])])];
  return { ...node, ...(candidates.length > 0 && { candidates: candidates.sort() }) };
}
