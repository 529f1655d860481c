import type { ChainNode } from '../../../domain/service-chain';
import type { Span } from '../../../domain/topology/span';
import { unansweredCall, type SpanCall } from './call-from-spans';
import { keyOf } from '../key-of';
import { hostAndPort, isBareAddress, isLocal, rangeOfAddress, serviceOfHost } from './peer-names';
import type { SpanIndex } from './span-index';
import { nameStores } from './store-names';

/**
 * The calls of client and producer spans that no span answers. Stores and brokers report no spans: external. A peer
 * that is the name of a service is that service. Any other peer is a node of its own, `unresolved`, with the services
 * that answered behind it as candidates: behind one address (a gateway, a sidecar) there can be callees that never
 * report, so that an unanswered call is never counted for a callee that answered other calls.
 */
export function callsToPeers(
  index: SpanIndex,
  made: readonly SpanCall[],
): { calls: SpanCall[]; nodes: ChainNode[] } {
  const spans = index.readings.flat();
  const answered = new Set(made.map(({ by }) => by));
  const handedOn = callsHandedOn(index, answered);
  const known: Known = {
    services: new Set(spans.map(({ service }) => service)),
    unlabelled: new Set(spans.flatMap((span) => (isPlaced(span) ? [] : [span.service]))),
    elsewhere: [...new Set(spans.flatMap(({ elsewhere }) => elsewhere ?? []))],
    behind: servicesBehindPeers(made),
    storeOf: nameStores(spans),
    several: severalAddresses(spans),
    joinedTopics: topicsOf(made),
  };
  const nodes = new Map<string, ChainNode>();
  /** What was merged into the nodes already: one address is the peer of many spans. */
  const merged = new Set<string>();
  const calls: SpanCall[] = [];
  for (const span of spans) {
    if (span.kind !== 'client' && span.kind !== 'producer') continue;
    if (answered.has(span) || handedOn.has(span)) continue;
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

/** A client span around another one of the service (a library on a library, a sidecar) is the same call, which the inner one names. */
function callsHandedOn(index: SpanIndex, answered: ReadonlySet<Span>): Set<Span> {
  const outer = new Set<Span>();
  for (const span of index.readings.flat()) {
    const says = answered.has(span) || span.peer !== null || span.store !== null;
    const parent = span.kind === 'client' && says ? index.parentOf(span) : undefined;
    if (parent?.kind === 'client' && parent.service === span.service) outer.add(parent);
  }
  return outer;
}

const isPlaced = ({ environment, namespace }: Span): boolean =>
  environment !== undefined || namespace !== undefined;

type Known = {
  services: ReadonlySet<string>;
  /** Services with spans that do not say where they run. */
  unlabelled: ReadonlySet<string>;
  /** Ends of the names of services of other environments. */
  elsewhere: readonly string[];
  /** Caller and peer → the services that answered. */
  behind: ReadonlyMap<string, readonly string[]>;
  storeOf: (span: Span) => string | null;
  several: ReadonlySet<string>;
  /** Producers and topics whose messages were joined by the topic: which message was read is not known. */
  joinedTopics: ReadonlySet<string>;
};

function calleeOf(span: Span, known: Known): ChainNode | null {
  const { services, storeOf } = known;
  const store = storeOf(span);
  if (span.kind === 'producer') {
    if (known.joinedTopics.has(topicOf(span))) return null;
    const broker = store ?? span.topic?.system ?? null;
    return broker === null ? null : storeNode(broker, services);
  }
  if (store !== null) return storeNode(store, services);
  if (span.peer === null) return null;
  const named = [span.peer, hostAndPort(span.peer).host]
    .map((name) => serviceNamed(name, span, known))
    .find((name) => name !== undefined);
  if (named !== undefined) return { id: named, kind: 'service' };
  const candidates = candidatesOf(span.service, span.peer, known);
  return {
    id: nameOfPeer(span.service, span.peer, known),
    kind: 'unresolved',
    ...(candidates.length > 0 && { candidates }),
  };
}

/** The service of that name in the caller's environment: two environments have services of one name. */
function serviceNamed(
  name: string,
  caller: Span,
  { services, unlabelled, elsewhere }: Known,
): string | undefined {
  const there = `${name}${caller.elsewhere ?? ''}`;
  if (caller.elsewhere !== undefined) {
    if (services.has(there)) return there;
    return unlabelled.has(name) ? name : undefined;
  }
  const isCertain = isPlaced(caller) || elsewhere.length === 0 || unlabelled.has(name);
  return services.has(name) && isCertain ? name : undefined;
}

/** Who answered behind the peer, and whom its name in a cluster or its first label stands for. */
function candidatesOf(caller: string, peer: string, { behind, services }: Known): string[] {
  const label = isBareAddress(peer) ? undefined : hostAndPort(peer).host.split('.')[0];
  const inCluster = serviceOfHost(peer);
  const found = new Set(behind.get(keyOf(caller, peer)));
  if (inCluster !== null) found.add(inCluster);
  if (label !== undefined && services.has(label) && label !== caller) found.add(label);
  return [...found].sort();
}

/** One node for the addresses of a range, and one for each of several callers of a local address. */
function nameOfPeer(caller: string, peer: string, { several, services }: Known): string {
  // The service of that name is another environment's, as far as is known.
  if (services.has(peer)) return `${peer} of ${caller}`;
  if (isLocal(peer)) return several.has(peer) ? `${peer} of ${caller}` : peer;
  if (!isBareAddress(peer)) return peer;
  const range = rangeOfAddress(peer);
  return several.has(range) ? range : peer;
}

/** Ranges of which several addresses, and local addresses that several services call. */
function severalAddresses(spans: readonly Span[]): Set<string> {
  const first = new Map<string, string>();
  const several = new Set<string>();
  for (const { peer, service } of spans) {
    if (peer === null || !(isLocal(peer) || isBareAddress(peer))) continue;
    const [shared, one] = isLocal(peer) ? [peer, service] : [rangeOfAddress(peer), peer];
    if ((first.get(shared) ?? one) !== one) several.add(shared);
    first.set(shared, one);
  }
  return several;
}

const topicOf = ({ service, topic }: Span): string =>
  topic === null ? '' : keyOf(service, topic.system, topic.name);

const topicsOf = (made: readonly SpanCall[]): Set<string> =>
  new Set(made.filter(({ call }) => call.via === 'topic').map(({ by }) => topicOf(by)));

/** A store or a broker; some report spans of their own and are services then. */
const storeNode = (id: string, services: ReadonlySet<string>): ChainNode => ({
  id,
  kind: services.has(id) ? 'service' : 'external',
});

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
