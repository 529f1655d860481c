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
  const types = typesByIndex(caps.fields, all);
  const namesFor: FieldsRead['namesFor'] = (patterns, keywords) => {
    const own = all.filter((name) => patterns.some((pattern) => isOf(name, pattern)));
    // An alias answers under the names of its indices: then all of them are meant.
    const names = own.length > 0 ? own : all;
    return { ...namesIn(types, names), variants: variantsOf(types, names, keywords) };
  };
  return { namesFor, notes: caps.failures.map(noteOf) };
}

/** Field → index → the types that the field has there. A cluster can have ten thousands of indices. */
type FieldTypes = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

function typesByIndex(fields: Caps, all: readonly string[]): FieldTypes {
  const types = new Map<string, Map<string, Set<string>>>();
  for (const [field, caps] of Object.entries(fields)) {
    const ofField = new Map<string, Set<string>>();
    types.set(field, ofField);
    for (const [type, { indices }] of Object.entries(caps)) {
      if (type === 'unmapped') continue;
      // Without `indices` the type holds in all of them.
      for (const name of [indices ?? all].flat()) {
        ofField.set(name, (ofField.get(name) ?? new Set()).add(type));
      }
    }
  }
  return types;
}

function noteOf({ indices }: FieldCaps['failures'][number]): ChainNote {
  const clusters = indices.flatMap((name) => (/^([^:]+):/.exec(name) ?? []).slice(1));
  const [reason, where] =
    clusters.length > 0 ? (['remote', clusters] as const) : (['shards', indices] as const);
  return { reason, detail: `${[...new Set(where)].join(', ')}: did not tell which fields it has` };
}

/** Groups of indices in which the same of these fields are texts; indices without any of them are left out. */
function variantsOf(
  types: FieldTypes,
  own: readonly string[],
  keywords: readonly string[],
): Variant[] {
  const groups = new Map<string, string[]>();
  for (const name of own) {
    const { resolve, has } = namesIn(types, [name]);
    if (!keywords.some(has)) continue;
    const alike = JSON.stringify(keywords.filter((field) => resolve(field) !== field));
    const group = groups.get(alike);
    if (group === undefined) groups.set(alike, [name]);
    else group.push(name);
  }
  if (groups.size < 2) return [{ resolve: namesIn(types, own).resolve }];
  return [...groups.values()].map((names) => ({
    index: names.join(','),
    resolve: namesIn(types, names).resolve,
  }));
}

function namesIn(types: FieldTypes, names: readonly string[]): Omit<FieldNames, 'variants'> {
  const hasType = (field: string, accept: (found: ReadonlySet<string>) => boolean): boolean => {
    const ofField = types.get(field);
    return ofField !== undefined && names.some((name) => accept(ofField.get(name) ?? NO_TYPES));
  };
  const has = (field: string): boolean => hasType(field, (found) => found.size > 0);
  const isText = (field: string): boolean => hasType(field, (found) => found.has('text'));
  return {
    resolve: (field) => (isText(field) && has(`${field}.keyword`) ? `${field}.keyword` : field),
    has,
  };
}

const NO_TYPES: ReadonlySet<string> = new Set();

/** A backing index `.ds-traces-x-2026.11.24-000001` is of the data stream `traces-x`; `cluster:name` of another cluster. */
function isOf(index: string, pattern: string): boolean {
  const bare = index.replace(/^[^:]*:/, '').replace(/^\.ds-(.*)-\d{4}\.\d{2}\.\d{2}-\d{6}$/, '$1');
  return matches(bare, pattern.replace(/^[^:]*:/, ''));
}

/** Whether a name matches a pattern in which `*` stands for any text; in linear time. */
function matches(name: string, pattern: string): boolean {
  const [first = '', ...middle] = pattern.split('*');
  const last = middle.pop();
  if (last === undefined) return name === pattern;
  const end = name.length - last.length;
  if (!name.startsWith(first) || !name.endsWith(last) || end < first.length) return false;
  let at = first.length;
  for (const part of middle) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
