import type {
  ChainEdge,
  ChainMember,
  ChainNode,
  ChainNote,
  ServiceChain,
} from '../../domain/service-chain';
import { byTraffic } from './count-edges';
import { mixedNotes, tellApart } from './spans/environments';
import { foldReadings } from './spans/fold-sidecars';
import { isoTime } from './iso-time';
import { joinReadings, type JoinedReading } from './join-reading';
import { keyOf } from './key-of';
import { reachableServices, type Causes, type Direction, type Reached } from './reachable-services';
import type { Traced } from '../../domain/topology/reading';
import { unifyNames } from './service-names';

/** Service hops in each direction: one release hardly affects services that are farther away. */
const MAX_HOPS = 5;

/**
 * The chain of one service. Causal where traces were read: a service is upstream if its spans are among the ancestors of
 * the service's spans, downstream if they are among the descendants. Relations give reachability; `basis` says which.
 */
export function buildChain(service: string, traced: Traced, depth = MAX_HOPS): ServiceChain {
  const { named, readings } = joinedOf(service, traced);
  const edges = unionOfEdges(readings);
  const causes = causesIn(readings);
  const old = agesOf(service, readings, depth);
  const nodes = nodesOf(readings);
  const reached = {
    upstream: reachableServices(service, causes, 'upstream', depth + 1),
    downstream: reachableServices(service, causes, 'downstream', depth + 1),
  };
  const hops = {
    upstream: within(reached.upstream.hops, depth),
    downstream: within(reached.downstream.hops, depth),
  };
  const inChain = new Set([service, ...hops.upstream.keys(), ...hops.downstream.keys()]);
  for (const id of readings.flatMap(({ members }) => members)) inChain.add(id);
  const members = (direction: Direction) => membersOf(hops[direction], nodes, old[direction]);
  const notes = [
    ...traced.notes,
    ...mixedNotes(service, named, traced.environment),
    ...readings.flatMap((reading) => reading.notes),
    ...depthNotes(reached, nodes, depth),
    ...topicNotes(reached),
  ];
  const known = readings.some((reading) => reading.nodes.some(({ id }) => id === service));
  return {
    service,
    nodes: [...nodes.values()].filter(({ id }) => inChain.has(id)).sort(byId),
    edges: edges.filter(({ caller, callee }) => inChain.has(caller) && inChain.has(callee)),
    upstream: members('upstream'),
    downstream: members('downstream'),
    source: sourceOf(traced),
    status: !known ? 'unknown' : notes.length > 0 ? 'partial' : 'ok',
    truncated: [...new Set(notes.map(({ reason }) => reason))],
    ...(notes.length > 0 && { notes: distinct(notes) }),
  };
}

function joinedOf(service: string, traced: Traced) {
  const unified = foldReadings(unifyNames(service, traced.readings), service);
  const named = tellApart(unified, traced.environment);
  return { named, readings: joinReadings(service, named) };
}

/** What caused what in the requests through the service. */
export const causesAround = (service: string, traced: Traced): Causes =>
  causesIn(joinedOf(service, traced).readings);

const causesIn = (readings: readonly JoinedReading[]): Causes => ({
  steps: readings.flatMap(({ steps }) => steps),
  exchanges: readings.flatMap(({ exchanges }) => exchanges),
});

const within = (hops: ReadonlyMap<string, number>, depth: number): Map<string, number> =>
  new Map([...hops].filter(([, distance]) => distance <= depth));

/** Services that are farther away than the chain goes. */
function depthNotes(
  reached: Record<Direction, Reached>,
  nodes: ReadonlyMap<string, ChainNode>,
  depth: number,
): ChainNote[] {
  const beyond = (direction: Direction) =>
    [...reached[direction].hops].filter(
      ([id, hops]) => hops > depth && nodes.get(id)?.kind === 'service',
    ).length;
  const [above, below] = [beyond('upstream'), beyond('downstream')];
  if (above + below === 0) return [];
  const detail = `the chain ends after ${depth} services in each direction; traces lead farther (${above} more ${above === 1 ? 'caller' : 'callers'}, ${below} more ${below === 1 ? 'callee' : 'callees'} right behind)`;
  return [{ reason: 'depth', detail }];
}

/** More names than these explain nothing. */
const MAX_NAMED = 5;

/** Services behind a topic of which it is not known whether the messages of this service lead there. */
function topicNotes({ upstream, downstream }: Record<Direction, Reached>): ChainNote[] {
  const names = [...new Set([...upstream.doubtful, ...downstream.doubtful])].sort();
  if (names.length === 0) return [];
  const shown = names.slice(0, MAX_NAMED).join(', ');
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  const detail = `messages name neither a parent nor a link, and only some of them lead to or come from ${shown}${more}: whether those of this service do is not known`;
  return [{ reason: 'topics', detail }];
}

/** Documents come in any order: the same ones give the same chain. */
const byId = (a: ChainNode, b: ChainNode): number => (a.id < b.id ? -1 : 1);

const BASIS = { spans: 'traces', relations: 'relations', logs: 'logs' } as const;

function sourceOf({ readings, source }: Traced): ServiceChain['source'] {
  const [first] = readings;
  const also = [...new Set(readings.map(({ schema }) => schema))].slice(1);
  return {
    schema: first?.schema ?? 'none',
    ...(first && { basis: BASIS[first.kind] }),
    ...(also.length > 0 && { also }),
    ...source,
    traces: first?.traces ?? { sampled: 0, total: 0 },
  };
}

/** Counts are the first reading's: the others add only pairs that it lacks, so nothing is counted twice. */
function unionOfEdges(readings: readonly JoinedReading[]): ChainEdge[] {
  const edges: ChainEdge[] = [];
  const pairs = new Set<string>();
  for (const reading of readings) {
    const more = reading.edges.filter(({ caller, callee }) => !pairs.has(keyOf(caller, callee)));
    edges.push(...more);
    for (const { caller, callee } of more) pairs.add(keyOf(caller, callee));
  }
  return edges.sort(byTraffic);
}

/** The best known kind first. */
const BEST_KNOWN: readonly ChainNode['kind'][] = ['service', 'external', 'unresolved'];

function nodesOf(readings: readonly JoinedReading[]): Map<string, ChainNode> {
  const nodes = new Map<string, ChainNode>();
  for (const node of readings.flatMap((reading) => reading.nodes)) {
    const before = nodes.get(node.id);
    // What reports spans in one reading is a service, whatever another reading took it for; a store is known, too.
    if (before === undefined || BEST_KNOWN.indexOf(node.kind) < BEST_KNOWN.indexOf(before.kind)) {
      nodes.set(node.id, node);
    }
  }
  return nodes;
}

type Ages = Record<Direction, (service: string) => string | undefined>;

/** When a member was last seen, for those that only traces from before the window lead to. */
function agesOf(service: string, readings: readonly JoinedReading[], depth: number): Ages {
  const current = causesIn(readings.filter(({ earlier }) => !earlier));
  const latest = new Map<string, number>();
  for (const { caller, callee, at } of readings.flatMap(({ calls }) => calls)) {
    for (const id of [caller, callee]) latest.set(id, Math.max(at ?? 0, latest.get(id) ?? 0));
  }
  const ageIn = (direction: Direction) => {
    const now = reachableServices(service, current, direction, depth).hops;
    return (id: string) => (now.has(id) ? undefined : isoTime(latest.get(id) || undefined));
  };
  return { upstream: ageIn('upstream'), downstream: ageIn('downstream') };
}

function membersOf(
  hops: ReadonlyMap<string, number>,
  nodes: ReadonlyMap<string, ChainNode>,
  ageOf: (service: string) => string | undefined,
): ChainMember[] {
  return [...hops]
    .filter(([id]) => nodes.get(id)?.kind === 'service')
    .map(([id, distance]) => {
      const last_seen = ageOf(id);
      return { service: id, hops: distance, ...(last_seen !== undefined && { last_seen }) };
    })
    .sort((a, b) => a.hops - b.hops || (a.service < b.service ? -1 : 1));
}

const distinct = (notes: readonly ChainNote[]): ChainNote[] => [
  ...new Map(notes.map((note) => [keyOf(note.reason, note.detail), note])).values(),
];
