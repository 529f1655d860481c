import { parseShape } from '../../../upstream/bounded-json';
import type { BoundedSearch } from '../../search/bounded-search';
import { rangeOf } from '../../search/range-query';
import { SampledIds } from '../sampled-ids';
import type { Variant } from '../../search/field-names';
import type { Range, SpanSchema } from '../../schemas/topology-schema';

/** Trace ids can be ordered by time: samples come from six slices of the window. */
const SLICES = 6;

/** Trace ids, spread evenly over the window, and the number of traces. */
export type Sample = { ids: string[]; total: number };

/** All slices in one request; each group of indices with the same mapping uses its own field names. */
export async function sampleTraces(
  search: BoundedSearch,
  schema: SpanSchema,
  variants: readonly Variant[],
  service: string,
  range: Range,
  most: number,
): Promise<Sample> {
  const answers = await search.searchAll(
    sliced(range).flatMap((slice) =>
      variants.map(({ index, resolve }) => ({
        ...(index !== undefined && { index }),
        size: 0,
        query: {
          bool: {
            filter: [rangeOf(schema, slice), schema.about(service, resolve)],
          },
        },
        aggs: {
          total: { cardinality: { field: resolve(schema.trace), precision_threshold: 40_000 } },
          ids: { terms: { field: resolve(schema.trace), size: most, order: { _key: 'desc' } } },
        },
      })),
    ),
  );
  // Without a matching index there is no aggregation at all.
  const slices = answers.flatMap(({ aggregations }) =>
    aggregations ? parseShape(SampledIds, aggregations) : [],
  );
  const ids = evenly(
    slices.map((slice) => slice.ids.buckets.map(({ key }) => key)),
    most,
  );
  // A trace in two slices counts in both; the cardinality estimate can be below the number of ids seen.
  const total = slices.reduce((sum, slice) => sum + slice.total.value, 0);
  return { ids, total: ids.length < most ? ids.length : Math.max(total, ids.length) };
}

/** The range in slices, oldest first. */
export function sliced({ from, to }: Range): Range[] {
  const width = Math.max(1, Math.ceil((to - from) / SLICES));
  const starts = Array.from({ length: SLICES }, (_, i) => from + i * width).filter((s) => s < to);
  return starts.map((start) => ({ from: start, to: Math.min(start + width, to) }));
}

/** Takes ids from each list in turn, each id once, until there are enough. */
export function evenly(lists: readonly string[][], most: number): string[] {
  const ids = new Set<string>();
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let place = 0; place < longest && ids.size < most; place += 1) {
    for (const list of lists) {
      const id = list[place];
      if (id !== undefined && ids.size < most) ids.add(id);
    }
  }
  return [...ids];
}
