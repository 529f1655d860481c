import { parseShape } from '../../upstream/bounded-json';
import type { estypes } from '@elastic/elasticsearch';
import { z } from 'zod';
import type { Query, Search } from '../schemas/topology-schema';

const PAGE = 1_000;

/** A count or sum of an aggregation. */
export const Amount = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** Every combination of some fields' values, page by page. Unlike `terms` it is exact, with bounded memory on the server. The search's limit on requests ends it. */
export async function allBuckets<Bucket extends z.ZodType>(
  search: Search,
  bucket: Bucket,
  about: {
    query: Query;
    /** Name in the bucket's key → field. */
    sources: Record<string, string>;
    /** Names whose documents may lack the field; their key is null then. */
    optional?: string[];
    aggs: Record<string, estypes.AggregationsAggregationContainer>;
  },
): Promise<z.infer<Bucket>[]> {
  const Answer = z.object({
    pages: z.object({
      buckets: z.array(bucket),
      after_key: z.record(z.string(), z.unknown()).optional(),
    }),
  });
  const { query, aggs, optional = [] } = about;
  const sources = Object.entries(about.sources).map(([name, field]) => ({
    [name]: { terms: { field, missing_bucket: optional.includes(name) } },
  }));
  const found: z.infer<Bucket>[] = [];
  let after: Record<string, unknown> | undefined;
  for (;;) {
    const composite = {
      size: PAGE,
      sources,
      ...(after && { after: after as estypes.AggregationsCompositeAggregateKey }),
    };
    const { aggregations } = await search({ size: 0, query, aggs: { pages: { composite, aggs } } });
    // Without a matching index there is no aggregation at all.
    if (aggregations === undefined || aggregations === null) break;
    const { pages } = parseShape(Answer, aggregations);
    found.push(...pages.buckets);
    after = pages.after_key;
    if (after === undefined || pages.buckets.length < PAGE) break;
  }
  return found;
}
