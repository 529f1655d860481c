import { checkShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import { allBuckets, Amount } from '../search/composite-buckets';
import type { Query, Range, RelationSchema, Search } from './topology-schema';
import { bucketTime, minuteBucket, serviceId } from './skywalking-names';
import { relationsOfEntities, type EntityCounts } from './skywalking-relations';

/**
 * Service relations of SkyWalking. Since 9.2 all metrics share `…metrics-all-YYYYMMDD` and `metric_table` holds the
 * metric's name; before, each metric has its own index. Service ids have no doc values, so only `entity_id` can be
 * aggregated.
 */
export const skywalking: RelationSchema = {
  kind: 'relations',
  id: 'skywalking',
  indices: ['sw_metrics-all-*', 'sw_service_relation_*'],
  keywords: ['metric_table', 'entity_id', 'source_service_id', 'dest_service_id'],
  time: 'time_bucket',
  within: ({ from, to }) => ({
    range: { time_bucket: { gte: minuteBucket(from), lte: minuteBucket(to - 1) } },
  }),
  newest: bucketTime,
  about: (service, resolve) => ({
    bool: {
      should: ['source_service_id', 'dest_service_id'].map((field) => ({
        term: { [resolve(field)]: serviceId(service) },
      })),
      minimum_should_match: 1,
    },
  }),
  async read(search, { range, resolve }) {
    const entityField = resolve('entity_id');
    const counts = await readCounts(search, range, entityField);
    const failures = await readFailures(search, range, entityField);
    return relationsOfEntities(counts, failures);
  },
};

type Side = 'server' | 'client';
const SIDES: Side[] = ['server', 'client'];

/** The documents of one metric, in either index layout. */
const ofTable = (table: string): Query => ({
  bool: {
    should: [
      { term: { metric_table: table } },
      {
        bool: {
          must_not: [{ exists: { field: 'metric_table' } }],
          filter: [{ wildcard: { _index: `*${table}-*` } }],
        },
      },
    ],
    minimum_should_match: 1,
  },
});
const ofTables = (tables: string[]): Query => ({
  bool: { should: tables.map(ofTable), minimum_should_match: 1 },
});
const inMinutes = (range: Range): Query => skywalking.within?.(range) ?? { match_all: {} };

const Count = z.object({ doc_count: Amount, calls: z.object({ value: Amount }) });
const Rows = z.object({ doc_count: Amount });
const Bucket = z.object({
  key: z.object({ entity: z.string() }),
  server: Rows,
  client: Rows,
  server_calls: Count,
  client_calls: Count,
  server_rated: Rows,
  client_rated: Rows,
  last: z.object({ value: z.number().nullable() }),
});

/** Per relation and side: minutes in which it was seen, calls, and whether successes were counted. */
async function readCounts(search: Search, range: Range, field: string): Promise<EntityCounts[]> {
  const tables = SIDES.flatMap((side) =>
    ['side', 'cpm', 'call_sla'].map((metric) => `service_relation_${side}_${metric}`),
  );
  const aggs = Object.fromEntries(
    SIDES.flatMap((side) => [
      [side, { filter: ofTable(`service_relation_${side}_side`) }],
      [
        `${side}_calls`,
        {
          filter: ofTable(`service_relation_${side}_cpm`),
          aggs: { calls: { sum: { field: 'value' } } },
        },
      ],
      [`${side}_rated`, { filter: ofTable(`service_relation_${side}_call_sla`) }],
    ]),
  );
  const buckets = await allBuckets(search, Bucket, {
    query: { bool: { filter: [inMinutes(range), ofTables(tables)] } },
    sources: { entity: field },
    aggs: { ...aggs, last: { max: { field: 'time_bucket' } } },
  });
  return buckets.map((bucket) => ({
    entity: bucket.key.entity,
    server: sideOf(bucket.server, bucket.server_calls, bucket.server_rated),
    client: sideOf(bucket.client, bucket.client_calls, bucket.client_rated),
    lastSeen: bucket.last.value === null ? null : bucketTime(bucket.last.value),
  }));
}

const sideOf = (
  seen: z.infer<typeof Rows>,
  calls: z.infer<typeof Count>,
  rated: z.infer<typeof Rows>,
): EntityCounts['server'] => ({
  minutes: seen.doc_count,
  calls: calls.doc_count === 0 ? null : calls.calls.value,
  rated: rated.doc_count > 0,
});

const Failure = z.object({
  metric_table: z.string().optional(),
  entity_id: z.string(),
  total: z.int().nonnegative(),
  match: z.int().nonnegative(),
});
const PAGE = 5_000;

/** Failed calls per side and relation: only minutes with failures are read, because the counts are not indexed. */
async function readFailures(
  search: Search,
  range: Range,
  field: string,
): Promise<Map<string, number>> {
  const failures = new Map<string, number>();
  for (const side of SIDES) {
    const filter: Query[] = [
      inMinutes(range),
      ofTable(`service_relation_${side}_call_sla`),
      { range: { percentage: { lt: 10_000 } } },
    ];
    let after: unknown[] | undefined;
    for (;;) {
      const { hits } = await search({
        size: PAGE,
        query: { bool: { filter } },
        // One row for each minute and relation: the pair is unique within a side.
        sort: [{ time_bucket: 'desc' }, { [field]: 'asc' }],
        _source: ['entity_id', 'total', 'match'],
        ...(after && { search_after: after as string[] }),
      });
      for (const { source } of hits) {
        const parsed = checkShape(Failure, source);
        if (!parsed.success) continue;
        const { entity_id, total, match } = parsed.data;
        const key = failureKey(side, entity_id);
        failures.set(key, (failures.get(key) ?? 0) + Math.max(0, total - match));
      }
      if (hits.length < PAGE) break;
      after = hits.at(-1)?.sort;
    }
  }
  return failures;
}

const failureKey = (side: Side, entity: string): string => `${side} ${entity}`;
