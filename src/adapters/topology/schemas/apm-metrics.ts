import { z } from 'zod';
import type { Relation } from '../../../domain/topology/reading';
import { readExits } from './apm-exits';
import { relationsOfDestinations, type Destination } from './apm-destinations';
import { allBuckets, Amount } from '../search/composite-buckets';
import type { Range, RelationSchema, Search } from './topology-schema';

const COUNT = 'span.destination.service.response_time.count';

/**
 * Elastic APM's precomputed calls: for each minute, service, resource and span name, the number of calls and of
 * failed calls. The metrics do not name the callee; samples of the exit spans do (apm-exits.ts).
 */
export const apmMetrics: RelationSchema = {
  kind: 'relations',
  id: 'apm-metrics',
  indices: ['metrics-apm.service_destination.1m*', 'traces-apm*'],
  keywords: ['service.name', 'span.destination.service.resource', 'span.name', 'parent.id'],
  time: '@timestamp',
  // A service that makes no calls has no exit spans but has transactions, so any APM document shows it.
  about: (service, resolve) => ({ term: { [resolve('service.name')]: service } }),
  async read(search, { range, resolve }): Promise<Relation[]> {
    const fields = {
      service: resolve('service.name'),
      resource: resolve('span.destination.service.resource'),
      name: resolve('span.name'),
    };
    const destinations = await readDestinations(search, range, fields);
    if (destinations.length === 0) return [];
    const exits = await readExits(search, range, { ...fields, parent: resolve('parent.id') });
    return relationsOfDestinations(destinations, exits);
  },
};

const Bucket = z.object({
  key: z.object({ service: z.string(), resource: z.string(), name: z.string().nullable() }),
  calls: z.object({ value: Amount }),
  failed: z.object({ calls: z.object({ value: Amount }) }),
  last: z.object({ value: z.number().nullable() }),
});

/**
 * Only documents of one minute: the 10 and 60 minute roll-ups repeat the same calls (a wider index pattern would match
 * them too). Grouped by span name as well, since calls to several callees behind one gateway would merge otherwise.
 */
async function readDestinations(
  search: Search,
  range: Range,
  fields: { service: string; resource: string; name: string },
): Promise<Destination[]> {
  const buckets = await allBuckets(search, Bucket, {
    query: {
      bool: {
        filter: [
          { range: { '@timestamp': { gte: range.from, lt: range.to, format: 'epoch_millis' } } },
          { term: { 'metricset.name': 'service_destination' } },
          { term: { 'metricset.interval': '1m' } },
        ],
      },
    },
    sources: fields,
    // Servers before 8.6 write no span name.
    optional: ['name'],
    aggs: {
      calls: { sum: { field: COUNT } },
      failed: {
        filter: { term: { 'event.outcome': 'failure' } },
        aggs: { calls: { sum: { field: COUNT } } },
      },
      last: { max: { field: '@timestamp' } },
    },
  });
  return buckets.map(({ key, calls, failed, last }) => ({
    ...key,
    calls: Math.round(calls.value),
    errors: Math.round(failed.calls.value),
    lastSeen: last.value,
  }));
}
