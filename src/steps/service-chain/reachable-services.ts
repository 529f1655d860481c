import type { Exchange, Place, Step } from './call';

export type Direction = 'upstream' | 'downstream';
/** What caused what, as far as it is known. */
export type Causes = { steps: readonly Step[]; exchanges: readonly Exchange[] };
export type Reached = {
  /** Service → the fewest hops. */
  hops: Map<string, number>;
  /** Services behind an exchange that only some of its messages lead to: whether those of `service` do is not known. */
  doubtful: Set<string>;
};

type Next = ReadonlyMap<Place, readonly Place[]>;
type Passage = { from: readonly Place[]; to: readonly Place[]; readers: readonly Place[] };

/**
 * The services that `service` reaches through steps, with the fewest hops; at most `depth`. A hop leads from one service
 * to another; a step within a service costs none. Places make it causal: a service is downstream only if work of
 * `service` caused its work, not because both took part in the same trace.
 */
export function reachableServices(
  service: string,
  { steps, exchanges }: Causes,
  direction: Direction,
  depth: number,
): Reached {
  const next = neighbours(steps, direction);
  const reach = new Map<Place, number>();
  const passages = exchanges.map((each) => passage(each, direction));
  const isOwn = (place: Place): boolean => place.service === service;
  const own = [next.keys(), ...passages.map(({ from }) => from)].flatMap((of) =>
    [...of].filter(isOwn),
  );
  spread(next, reach, own, { from: 0, depth });
  // What all messages cause, each of them causes; then further exchanges can be reached.
  for (let before = -1; before < reach.size;) {
    before = reach.size;
    for (const each of passages.filter((one) => isSure(one, service, reach)))
      spread(next, reach, each.to, { from: nearest(each.from, reach) + 1, depth });
  }
  const hops = new Map<string, number>();
  for (const [place, distance] of reach) keepFewest(hops, place.service, distance);
  const doubtful = new Set<string>();
  for (const each of passages.filter((one) => !isSure(one, service, reach))) {
    const behind = throughSome(next, each, reach, { direction, depth });
    for (const [name, distance] of behind.hops) keepFewest(hops, name, distance);
    for (const name of behind.doubtful) doubtful.add(name);
  }
  hops.delete(service);
  for (const name of [service, ...hops.keys()]) doubtful.delete(name);
  return { hops, doubtful };
}

const passage = ({ writers, readers }: Exchange, direction: Direction): Passage =>
  direction === 'downstream'
    ? { from: writers, to: readers, readers }
    : { from: readers, to: writers, readers };

function neighbours(steps: readonly Step[], direction: Direction): Next {
  const next = new Map<Place, Place[]>();
  for (const { from, to } of steps) {
    const [here, there] = direction === 'downstream' ? [from, to] : [to, from];
    const known = next.get(here);
    if (known === undefined) next.set(here, [there]);
    else known.push(there);
  }
  return next;
}

function keepFewest(hops: Map<string, number>, service: string, distance: number): void {
  hops.set(service, Math.min(distance, hops.get(service) ?? Infinity));
}

/** Adds what the places lead to, from `hops` on; steps within a service lead to places of the same number of hops. */
function spread(
  next: Next,
  reach: Map<Place, number>,
  start: readonly Place[],
  { from, depth }: { from: number; depth: number },
): void {
  let frontier = [...start];
  for (let hops = from; frontier.length > 0 && hops <= depth; hops += 1) {
    const beyond: Place[] = [];
    // Grows while it is read.
    for (const place of frontier) {
      if (hops >= (reach.get(place) ?? Infinity)) continue;
      reach.set(place, hops);
      for (const to of next.get(place) ?? [])
        (to.service === place.service ? frontier : beyond).push(to);
    }
    frontier = beyond;
  }
}

const nearest = (places: readonly Place[], reach: ReadonlyMap<Place, number>): number =>
  places.reduce((least, place) => Math.min(least, reach.get(place) ?? Infinity), Infinity);

const countIn = (places: readonly Place[], reach: ReadonlyMap<Place, unknown>): number =>
  places.filter((place) => reach.has(place)).length;

/** Some spans of messages are lost; there were at least as many messages as there are spans of either side. */
const messagesOf = ({ from, to }: Passage): number => Math.max(from.length, to.length);

/** A reader reads what every writer wrote; elsewhere all messages have to belong to the service. */
const isSure = (each: Passage, service: string, reach: ReadonlyMap<Place, unknown>): boolean =>
  (each.from === each.readers && each.from[0]?.service === service) ||
  countIn(each.from, reach) >= messagesOf(each);

/**
 * Which message led to what is not known. If `known` of all messages belong to the service and `led` of them led to
 * another, at least one did both where the two add up to more than there are messages. The reader itself reads them all.
 */
function throughSome(
  next: Next,
  each: Passage,
  reach: ReadonlyMap<Place, number>,
  { direction, depth }: { direction: Direction; depth: number },
): Reached {
  const hops = new Map<string, number>();
  const doubtful = new Set<string>();
  const known = countIn(each.from, reach);
  if (known === 0) return { hops, doubtful };
  const first = nearest(each.from, reach) + 1;
  const led = new Map<string, { times: number; hops: number }>();
  for (const place of each.to) {
    const beyond = new Map<Place, number>();
    spread(next, beyond, [place], { from: first, depth });
    const services = new Map<string, number>();
    for (const [{ service }, distance] of beyond) keepFewest(services, service, distance);
    for (const [service, distance] of services) {
      const before = led.get(service) ?? { times: 0, hops: Infinity };
      led.set(service, { times: before.times + 1, hops: Math.min(before.hops, distance) });
    }
  }
  const reader = direction === 'downstream' ? each.readers[0]?.service : undefined;
  for (const [service, { times, hops: distance }] of led) {
    if (service === reader || known + times > messagesOf(each)) hops.set(service, distance);
    else doubtful.add(service);
  }
  return { hops, doubtful };
}
