import type { ChainNote } from '../../../domain/service-chain';
import type { Reading } from '../../../domain/topology/reading';
import type { BoundedSearch } from '../search/bounded-search';
import type { Range, RelationSchema, Resolve } from '../schemas/topology-schema';

/** The edges of the window that another system counted. */
export async function readRelations(
  search: BoundedSearch,
  schema: RelationSchema,
  resolve: Resolve,
  service: string,
  range: Range,
): Promise<{ reading: Reading; notes: ChainNote[] }> {
  const relations = await schema.read(search.search, { service, range, resolve });
  const traces = { sampled: 0, total: 0 };
  return {
    reading: { schema: schema.id, earlier: false, traces, kind: 'relations', relations },
    notes: search.notes(),
  };
}
