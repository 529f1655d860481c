import type { Host } from '../../domain/host';
import type { FaultDomains } from './fault-domain';

/** The hosts of one fault domain that are still to be released, in the order in which they will be. */
export type DomainQueue = { name: string; size: number; left: Host[]; taken: number };

/** Rank by host id, the smaller the earlier: what the model asked for. */
export type HostOrder = ReadonlyMap<string, number>;

/**
 * The domains, the smallest first; within one, the least loaded hosts first and its racks in turn. An order that was
 * asked for goes before load, but for the canary: the least loaded host of the smallest domain.
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
    const calm = [...queue.left].sort(byLoad);
    const canary = index === 0 ? calm[0] : undefined;
    const asked = calm.filter((host) => host !== canary).sort(byOrder(order));
    const turns = order.size > 0 ? asked : racksInTurn(asked, domains.rackOf);
    queue.left = canary === undefined ? turns : [canary, ...turns];
  });
  return queues;
}

/**
 * Takes up to `size` hosts, from each domain in proportion to what it has left, none over its `cap`. Fewer come
 * when the caps leave no more; the first of the smallest domain is always among the first hosts ever taken.
 */
export function takeBatch(
  queues: readonly DomainQueue[],
  size: number,
  cap: (queue: DomainQueue) => number,
): Host[] {
  const open = queues.filter((queue) => queue.taken < queue.left.length);
  const remaining = (queue: DomainQueue) => queue.left.length - queue.taken;
  const all = open.reduce((sum, queue) => sum + remaining(queue), 0);
  const room = new Map(open.map((queue) => [queue, Math.min(remaining(queue), cap(queue))]));
  const share = (queue: DomainQueue) => (remaining(queue) * size) / all;
  const takes = new Map(
    open.map((queue) => [queue, Math.min(Math.floor(share(queue)), room.get(queue) ?? 0)]),
  );
  let missing = Math.min(size, all) - sum(takes.values());
  // The rest goes one by one to the domains that are furthest below their share; ties to the smaller one.
  const isFirst = open.every((queue) => queue.taken === 0);
  const need = (queue: DomainQueue) => share(queue) - Math.floor(share(queue));
  const byNeed = [...open].sort((a, b) => need(b) - need(a));
  const turn = isFirst ? [...open.slice(0, 1), ...byNeed.filter((q) => q !== open[0])] : byNeed;
  while (missing > 0) {
    const before = missing;
    for (const queue of turn) {
      const taken = takes.get(queue) ?? 0;
      if (missing === 0 || taken >= (room.get(queue) ?? 0)) continue;
      takes.set(queue, taken + 1);
      missing -= 1;
    }
    if (missing === before) break;
  }
  return open.flatMap((queue) => {
    const from = queue.taken;
    queue.taken += takes.get(queue) ?? 0;
    return queue.left.slice(from, queue.taken);
  });
}

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A host whose load nobody knows comes after those that are known to be calm. */
const loadOf = ({ load }: Host): number =>
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
