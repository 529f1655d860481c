import type { Variant } from './field-names';
import type { Query, Range, Resolve, TopologySchema } from '../schemas/topology-schema';

/** The documents of a range of time. */
export const rangeOf = (schema: TopologySchema, range: Range): Query =>
  schema.within?.(range) ?? {
    range: { [schema.time]: { gte: range.from, lt: range.to, format: 'epoch_millis' } },
  };

/** One query for each group of indices with the same mapping, combined; a single group needs no combination. */
export function underAnyName(
  variants: readonly Variant[],
  queryBy: (resolve: Resolve) => Query,
): Query {
  const queries = variants.map(({ resolve }) => queryBy(resolve));
  const different = new Map(queries.map((query) => [JSON.stringify(query), query]));
  const [only, ...others] = different.values();
  if (only !== undefined && others.length === 0) return only;
  return { bool: { should: [...different.values()], minimum_should_match: 1 } };
}
