import { checkShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { Relation } from '../../../domain/topology/reading';
import type { Hit, RelationSchema } from './topology-schema';

/** One page: a document for each service and resource that it calls or offers. */
const MAX_DOCUMENTS = 10_000;

const End = z.object({ domain: z.string(), resource: z.string() });
const Entry = z.object({
  serviceName: z.string(),
  destination: End.nullish(),
  target: End.nullish(),
});

/**
 * Data Prepper's service map: callers name a destination, callees a target; where domain and resource are the same, the
 * one calls the other. The documents have neither counts nor times.
 */
export const dataPrepperMap: RelationSchema = {
  kind: 'relations',
  id: 'data-prepper-map',
  indices: ['otel-v1-apm-service-map*'],
  keywords: ['hashId', 'serviceName'],
  // Without a time of their own, the number of the write shows that there are any.
  time: '_seq_no',
  within: () => ({ exists: { field: 'hashId' } }),
  newest: () => 0,
  about: (service, resolve) => ({ term: { [resolve('serviceName')]: service } }),
  async read(search) {
    const { hits } = await search({
      size: MAX_DOCUMENTS,
      query: { exists: { field: 'hashId' } },
      _source: ['serviceName', 'destination', 'target'],
    });
    return relationsOfMap(hits);
  },
};

export function relationsOfMap(hits: readonly Pick<Hit, 'source'>[]): Relation[] {
  const entries = hits.flatMap(({ source }) => checkShape(Entry, source).data ?? []);
  const offered = new Map<string, Set<string>>();
  for (const { serviceName, target } of entries) {
    if (target)
      offered.set(keyOf(target), (offered.get(keyOf(target)) ?? new Set()).add(serviceName));
  }
  const pairs = new Map<string, Relation>();
  for (const { serviceName: caller, destination } of entries) {
    if (!destination) continue;
    const known = offered.get(keyOf(destination));
    // A callee that reports nothing has no target: its domain is all that is known.
    const callees = known === undefined ? [destination.domain] : [...known];
    for (const callee of callees.filter((name) => name !== caller)) {
      const kind = known === undefined ? { kind: 'unresolved' as const } : {};
      pairs.set(JSON.stringify([caller, callee]), {
        ...{ caller, callee, calls: 1, errors: null, via: 'sync' as const },
        ...kind,
      });
    }
  }
  return [...pairs.values()];
}

const keyOf = ({ domain, resource }: z.infer<typeof End>): string =>
  JSON.stringify([domain, resource]);
