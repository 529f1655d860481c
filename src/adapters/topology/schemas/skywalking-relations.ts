import type { Relation } from '../../../domain/topology/reading';
import { lastSeenAt } from '../documents/last-seen';
import { parseEntity, type SkywalkingService } from './skywalking-names';
import { sumRelations } from '../documents/sum-relations';

type Counts = {
  /** Minutes in which the side reported the relation. */
  minutes: number;
  /** Null where the installation does not count calls. */
  calls: number | null;
  /** Whether successes were counted: without that, errors are unknown. */
  rated: boolean;
};
export type EntityCounts = {
  entity: string;
  server: Counts;
  client: Counts;
  /** Epoch milliseconds. */
  lastSeen: number | null;
};

/**
 * The server's counts are used; for a callee without an agent, the client's. `failures`: failed calls by
 * `server ENTITY` and `client ENTITY`. The nameless caller of an entry (`User`) is not a service and is left out.
 */
export function relationsOfEntities(
  counts: readonly EntityCounts[],
  failures: ReadonlyMap<string, number>,
): Relation[] {
  const known = new Set<string>();
  for (const { entity } of counts) {
    const ends = parseEntity(entity);
    for (const end of ends === null ? [] : [ends.source, ends.dest]) {
      if (end.real) known.add(end.name);
    }
  }
  return sumRelations(counts.flatMap((count) => relationOf(count, failures, known) ?? []));
}

function relationOf(
  { entity, server, client, lastSeen }: EntityCounts,
  failures: ReadonlyMap<string, number>,
  known: ReadonlySet<string>,
): Relation | null {
  const ends = parseEntity(entity);
  if (ends === null || !ends.source.real || ends.source.name === ends.dest.name) return null;
  const side = ends.dest.real && server.minutes > 0 ? 'server' : 'client';
  const { minutes, calls, rated } = side === 'server' ? server : client;
  if (minutes === 0 && !calls) return null;
  return {
    caller: ends.source.name,
    ...calleeOf(ends.dest, known),
    // Seen in n minutes means at least n calls.
    calls: Math.round(calls ?? minutes),
    errors: rated ? (failures.get(`${side} ${entity}`) ?? 0) : null,
    via: 'sync',
    ...lastSeenAt(lastSeen),
  };
}

/** `quoteservice:8090` is the service of that name where one reports; any other address stays unresolved. */
function calleeOf(
  { name, real }: SkywalkingService,
  known: ReadonlySet<string>,
): Pick<Relation, 'callee' | 'kind'> {
  const host = name.replace(/:\d+$/, '');
  if (real) return { callee: name };
  return known.has(host) ? { callee: host } : { callee: name, kind: 'unresolved' };
}
