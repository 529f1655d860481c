import type { ChainNote } from '../../domain/service-chain';
import type { Reading } from '../../steps/service-chain/reading';
import { createSearch, type SearchContext } from './bounded-search';
import { readKeywordNames } from './keyword-names';
import type { Range, RelationSchema } from './schema';

/** The edges that somebody else counted in the window. */
export async function readRelations(
  context: SearchContext,
  schema: RelationSchema,
  service: string,
  range: Range,
): Promise<{ reading: Reading; notes: ChainNote[] }> {
  const { resolve } = await readKeywordNames(context, schema.keywords);
  const { search, notes } = createSearch(context);
  const relations = await schema.read(search, { service, range, resolve });
  const traces = { sampled: 0, total: 0 };
  return {
    reading: { schema: schema.id, earlier: false, traces, kind: 'relations', relations },
    notes: notes(),
  };
}
