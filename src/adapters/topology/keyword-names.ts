import { fromElasticsearch } from '../elasticsearch';
import type { SearchContext } from './bounded-search';
import type { Resolve } from './schema';

/**
 * One `_field_caps` for all the fields: where a text was mapped without a template, terms and aggregations need its
 * `.keyword`. `has` tells whether any index has the field.
 */
export async function readKeywordNames(
  { client, index, signal }: SearchContext,
  fields: readonly string[],
): Promise<{ resolve: Resolve; has: (field: string) => boolean }> {
  if (fields.length === 0) return { resolve: (field) => field, has: () => true };
  const caps = await fromElasticsearch('elasticsearch', signal, () =>
    client.fieldCaps(
      {
        index,
        fields: fields.flatMap((field) => [field, `${field}.keyword`]),
        ignore_unavailable: true,
        allow_no_indices: true,
      },
      { signal },
    ),
  );
  const typesOf = (field: string): string[] => Object.keys(caps.fields[field] ?? {});
  return {
    resolve: (field) =>
      typesOf(field).includes('text') && typesOf(`${field}.keyword`).length > 0
        ? `${field}.keyword`
        : field,
    has: (field) => typesOf(field).length > 0,
  };
}
