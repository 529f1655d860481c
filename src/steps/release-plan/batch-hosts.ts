import type { Host } from '../../domain/host';
import type { FaultDomains } from './fault-domain';

/** The hosts of one fault domain that are still to be released, in the order in which they will be. */
export type DomainQueue = { name: string; size: number; left: Host[]; taken: number };

/** Rank by host id, the smaller the earlier, as the model requested. */
export type HostOrder = ReadonlyMap<string, number>;

/**
 * The domains, the smallest first; within one, the least loaded hosts first and its racks in turn. A requested order
 * has priority over load, except for the canary: the least loaded host of the smallest domain.
 */
export function domainQueues(
  hosts: readonly Host[],
  domains: FaultDomains,
  order: HostOrder = new Map(),
): DomainQueue[] {
  const members = new Map<string, Host[]>();
  for (const host of hosts) {
    const name = domains.of.get(host.host_id) ?? 'all';
    const list = members.get(name);
    if (list) list.push(host);
    else members.set(name, [host]);
  }
  const queues = [...members]
    .sort(([a, x], [b, y]) => x.length - y.length || compare(a, b))
    .map(([name, list]) => ({ name, size: list.length, left: list, taken: 0 }));
  queues.forEach((queue, index) => {
    const leastLoaded = [...queue.left].sort(byLoad);
    const canary = index === 0 ? leastLoaded[0] : undefined;
    const asked = leastLoaded.filter((host) => host !== canary).sort(byOrder(order));
    const turns = order.size > 0 ? asked : racksInTurn(asked, domains.rackOf);
    queue.left = canary === undefined ? turns : [canary, ...turns];
  });
  return queues;
}

/**
 * Takes up to `size` hosts, from each domain in proportion to what it has left, none over its `cap`, and returns them
 * with the queues that remain. Fewer come when the caps leave no more; the first of the smallest domain is always among
 * the first hosts ever taken.
 */
export function takeBatch(
  queues: readonly DomainQueue[],
  size: number,
  cap: (queue: DomainQueue) => number,
): { hosts: Host[]; queues: DomainQueue[] } {
  const counts = countsToTake(queues, size, cap);
  const hosts = queues.flatMap((queue) =>
    queue.left.slice(queue.taken, queue.taken + (counts.get(queue) ?? 0)),
  );
  const rest = queues.map((queue) => ({ ...queue, taken: queue.taken + (counts.get(queue) ?? 0) }));
  return { hosts, queues: rest };
}

/** How many hosts each domain gives: its share, rounded down, then one more each for those furthest below it. */
function countsToTake(
  queues: readonly DomainQueue[],
  size: number,
  cap: (queue: DomainQueue) => number,
): Map<DomainQueue, number> {
  const open = queues.filter((queue) => remaining(queue) > 0);
  const all = sum(open.map(remaining));
  const room = (queue: DomainQueue) => Math.min(remaining(queue), cap(queue));
  const share = (queue: DomainQueue) => (remaining(queue) * size) / all;
  const counts = new Map(
    open.map((queue) => [queue, Math.min(Math.floor(share(queue)), room(queue))]),
  );
  let missing = Math.min(size, all) - sum(counts.values());
  const turns = inOrderOfNeed(open, (queue) => share(queue) - Math.floor(share(queue)));
  for (let progress = true; missing > 0 && progress;) {
    progress = false;
    for (const queue of turns) {
      const count = counts.get(queue) ?? 0;
      if (missing === 0 || count >= room(queue)) continue;
      counts.set(queue, count + 1);
      missing -= 1;
      progress = true;
    }
  }
  return counts;
}

/** The domains that are furthest below their share first, ties to the smaller one; in the first batch the smallest domain leads. */
function inOrderOfNeed(
  open: readonly DomainQueue[],
  need: (queue: DomainQueue) => number,
): DomainQueue[] {
  const byNeed = [...open].sort((a, b) => need(b) - need(a));
  const [smallest] = open;
  const isFirst = open.every((queue) => queue.taken === 0);
  if (!isFirst || smallest === undefined) return byNeed;
  return [smallest, ...byNeed.filter((queue) => queue !== smallest)];
}

const remaining = (queue: DomainQueue): number => queue.left.length - queue.taken;
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The higher of CPU and memory load, 0–1; Infinity where neither is known, so that such hosts come last. */
export const loadOf = ({ load }: Host): number =>
  load?.cpu === undefined && load?.memory === undefined
    ? Infinity
    : Math.max(load.cpu ?? 0, load.memory ?? 0);

function byLoad(a: Host, b: Host): number {
  const [x, y] = [loadOf(a), loadOf(b)];
  return x === y ? compare(a.host_id, b.host_id) : x - y;
}

const byOrder =
  (order: HostOrder) =>
  (a: Host, b: Host): number =>
    (order.get(a.host_id) ?? order.size) - (order.get(b.host_id) ?? order.size);

/** One host of each rack, then the second of each: hosts come sorted and stay so within their rack. */
function racksInTurn(hosts: readonly Host[], rackOf: ReadonlyMap<string, string>): Host[] {
  const rank = new Map<string, number>();
  const ranked = hosts.map((host) => {
    const rack = rackOf.get(host.host_id) ?? '';
    const turn = rank.get(rack) ?? 0;
    rank.set(rack, turn + 1);
    return { host, turn };
  });
  if (rank.size <= 1) return [...hosts];
  return ranked.sort((a, b) => a.turn - b.turn).map(({ host }) => host);
}
