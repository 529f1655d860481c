import type { ChainNote } from '../../../domain/service-chain';
import { fromElasticsearch } from '../../elasticsearch/elasticsearch';
import type { SearchContext } from './bounded-search';
import type { Resolve } from '../topology-schema';
import { FieldCaps } from './search-answer';

/** Indices that are mapped alike, and the names of fields there; `index` is absent where all of a schema's are. */
export type Variant = { index?: string; resolve: Resolve };

/**
 * Names by which a schema's fields are queried; `has` tells whether any of its indices has the field. `variants`: a
 * template that came later leaves days with texts and days with keywords side by side, of which each has its own.
 */
export type FieldNames = {
  resolve: Resolve;
  has: (field: string) => boolean;
  variants: Variant[];
};

const asItIs: Resolve = (field) => field;
const UNASKED: FieldNames = {
  resolve: asItIs,
  has: () => true,
  variants: [{ resolve: asItIs }],
};

type Caps = FieldCaps['fields'];
/** Names for the indices of one schema; `notes`: whose fields are not known, a remote cluster that is away for one. */
export type FieldsRead = {
  namesFor: (patterns: readonly string[], keywords: readonly string[]) => FieldNames;
  notes: ChainNote[];
};

/**
 * One `_field_caps` for all the fields of all index patterns: where a text was mapped without a template, terms and
 * aggregations need its `.keyword`. The answer tells it for each schema's own patterns, since one field may be a text
 * in the indices of one schema and a keyword in another's.
 */
export async function readFieldNames(
  { client, index, signal, onPage, bounds }: SearchContext,
  fields: readonly string[],
): Promise<FieldsRead> {
  // Elasticsearch refuses to be asked for no field (Zipkin's dependency documents are found by their time alone).
  if (fields.length === 0) return { namesFor: () => UNASKED, notes: [] };
  bounds.spend();
  onPage?.();
  const request = {
    index,
    fields: [...new Set(fields.flatMap((field) => [field, `${field}.keyword`]))],
    // With it the answer says of each type in which indices it holds, and where the field is missing.
    include_unmapped: true,
    ignore_unavailable: true,
    allow_no_indices: true,
  };
  const caps = await fromElasticsearch('elasticsearch', signal, async () =>
    FieldCaps.parse(await client.fieldCaps(request, { signal })),
  );
  const all = [caps.indices].flat();
  const namesFor: FieldsRead['namesFor'] = (patterns, keywords) => {
    const own = new Set(all.filter((name) => patterns.some((pattern) => isOf(name, pattern))));
    // An alias answers under the names of its indices: then all of them are meant.
    const names = own.size > 0 ? own : new Set(all);
    const variants = variantsOf(caps.fields, [...names], all, keywords);
    return { ...namesIn(caps.fields, names, all), variants };
  };
  return { namesFor, notes: caps.failures.map(noteOf) };
}

function noteOf({ indices }: FieldCaps['failures'][number]): ChainNote {
  const clusters = indices.flatMap((name) => (/^([^:]+):/.exec(name) ?? []).slice(1));
  const [reason, where] =
    clusters.length > 0 ? (['remote', clusters] as const) : (['shards', indices] as const);
  return { reason, detail: `${[...new Set(where)].join(', ')}: did not tell which fields it has` };
}

/** Groups of indices in which the same of these fields are texts; indices without any of them are left out. */
function variantsOf(
  fields: Caps,
  own: readonly string[],
  all: readonly string[],
  keywords: readonly string[],
): Variant[] {
  const groups = new Map<string, string[]>();
  for (const name of own) {
    const { resolve, has } = namesIn(fields, new Set([name]), all);
    if (!keywords.some(has)) continue;
    const alike = JSON.stringify(keywords.filter((field) => resolve(field) !== field));
    groups.set(alike, [...(groups.get(alike) ?? []), name]);
  }
  if (groups.size < 2) return [{ resolve: namesIn(fields, new Set(own), all).resolve }];
  return [...groups.values()].map((names) => ({
    index: names.join(','),
    resolve: namesIn(fields, new Set(names), all).resolve,
  }));
}

function namesIn(
  fields: Caps,
  own: ReadonlySet<string>,
  all: readonly string[],
): Omit<FieldNames, 'variants'> {
  const typesOf = (field: string): string[] =>
    Object.entries(fields[field] ?? {})
      .filter(([type]) => type !== 'unmapped')
      // Without `indices` the type holds in all of them.
      .filter(([, { indices }]) => [indices ?? all].flat().some((name) => own.has(name)))
      .map(([type]) => type);
  return {
    resolve: (field) =>
      typesOf(field).includes('text') && typesOf(`${field}.keyword`).length > 0
        ? `${field}.keyword`
        : field,
    has: (field) => typesOf(field).length > 0,
  };
}

/** A backing index `.ds-traces-x-2026.11.24-000001` is of the data stream `traces-x`; `cluster:name` of another cluster. */
function isOf(index: string, pattern: string): boolean {
  const bare = index.replace(/^[^:]*:/, '').replace(/^\.ds-(.*)-\d{4}\.\d{2}\.\d{2}-\d{6}$/, '$1');
  const local = pattern.replace(/^[^:]*:/, '');
  return matchesStars(bare, local.split('*'));
}

/** Whether the text has these parts in this order with anything between them. Takes linear time for any number of stars. */
function matchesStars(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return from <= text.length - last.length;
}
