import type { Relation } from '../../../domain/topology/reading';
import { lastSeenAt } from '../documents/last-seen';
import { sumRelations } from '../documents/sum-relations';

/** The calls of one service to one resource under one span name; `name` is null where the server writes none. */
export type Destination = {
  service: string;
  resource: string;
  name: string | null;
  calls: number;
  errors: number;
  /** Epoch milliseconds. */
  lastSeen: number | null;
};

/** One exit span with the services that answered it: none, one, or several consumers of a message. */
export type ExitSample = {
  service: string;
  resource: string;
  name: string | null;
  /** `span.type`: `external`, `db`, `messaging`, … */
  type: string | null;
  callees: string[];
};

/** Exit spans of these types lead to systems that report no transactions. */
const STORES = new Set(['db', 'cache', 'storage']);

/**
 * Calls → relations. A destination is the service that answered its samples. When different samples were answered by
 * different services, the split of the calls is unknown: it stays unresolved, with these as candidates.
 */
export function relationsOfDestinations(
  destinations: readonly Destination[],
  exits: readonly ExitSample[],
): Relation[] {
  const samples = new Map<string, ExitSample[]>();
  for (const exit of exits) {
    for (const key of [keyOf(exit), keyOf({ ...exit, name: null })]) {
      const same = samples.get(key) ?? [];
      same.push(exit);
      samples.set(key, same);
    }
  }
  const services = new Set([
    ...destinations.map(({ service }) => service),
    ...exits.flatMap(({ service, callees }) => [service, ...callees]),
  ]);
  return sumRelations(
    destinations.flatMap((destination) => {
      // A name without samples (or not recorded) can only be resolved by its resource.
      const own =
        samples.get(keyOf(destination)) ?? samples.get(keyOf({ ...destination, name: null })) ?? [];
      return calleesOf(destination, own, services).map((callee): Relation => {
        const { service: caller, calls, errors, lastSeen } = destination;
        return { caller, calls, errors, ...callee, ...lastSeenAt(lastSeen) };
      });
    }),
  ).filter(({ caller, callee }) => caller !== callee);
}

type Callee = Pick<Relation, 'callee' | 'kind' | 'candidates' | 'via'>;

function calleesOf(
  { resource }: Destination,
  samples: readonly ExitSample[],
  services: ReadonlySet<string>,
): Callee[] {
  const types = new Set(samples.map(({ type }) => type));
  const via = types.has('messaging') ? 'async' : 'sync';
  const answered = samples.filter(({ callees }) => callees.length > 0);
  const all = [...new Set(answered.flatMap(({ callees }) => callees))].sort();
  // Each consumer of a topic gets every message; a call has one answer.
  if (via === 'async' && all.length > 0) return all.map((callee) => ({ callee, via }));
  const [callee] = all;
  if (callee !== undefined && all.length === 1) return [{ callee, via }];
  const host = resource.replace(/:\d+$/, '');
  if (all.length === 0 && services.has(host)) return [{ callee: host, via }];
  const store = via === 'async' || [...types].some((type) => STORES.has(type ?? ''));
  if (all.length === 0 && store) return [{ callee: resource, kind: 'external', via }];
  return [
    { callee: resource, kind: 'unresolved', via, ...(all.length > 0 && { candidates: all }) },
  ];
}

const keyOf = ({ service, resource, name }: Pick<Destination, 'service' | 'resource' | 'name'>) =>
  JSON.stringify([service, resource, name]);
