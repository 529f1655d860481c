import { parseShape } from '../../upstream/bounded-json';
import type { ChainNote } from '../../../domain/service-chain';
import { fromElasticsearch } from '../../elasticsearch/elasticsearch';
import type { SearchContext } from './bounded-search';
import type { Resolve } from '../schemas/topology-schema';
import { FieldCaps } from './search-answer';

/** Indices with the same mapping, and their field names; `index` is absent when all of a schema's indices are alike. */
export type Variant = { index?: string; resolve: Resolve };

/**
 * Names by which a schema's fields are queried; `has` shows whether any of its indices has the field. `variants`: a
 * template that was added later leaves some daily indices with text fields and others with keywords.
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
/** Names for the indices of one schema; `notes`: indices whose fields are unknown, such as those of an unreachable cluster. */
export type FieldsRead = {
  namesFor: (patterns: readonly string[], keywords: readonly string[]) => FieldNames;
  notes: ChainNote[];
};

/**
 * One `_field_caps` for all fields of all index patterns: where a text was mapped without a template, terms queries
 * and aggregations need its `.keyword`. Decided for each schema's own patterns, since a field may be a text in the
 * indices of one schema and a keyword in another's.
 */
export async function readFieldNames(
  { client, index, signal, onPage, bounds }: SearchContext,
  fields: readonly string[],
): Promise<FieldsRead> {
  // Elasticsearch rejects an empty field list (Zipkin's dependency documents are found by time alone).
  if (fields.length === 0) return { namesFor: () => UNASKED, notes: [] };
  bounds.spend();
  onPage?.();
  const request = {
    index,
    fields: [...new Set(fields.flatMap((field) => [field, `${field}.keyword`]))],
    // The response then lists the indices of each type, and those without the field.
    include_unmapped: true,
    ignore_unavailable: true,
    allow_no_indices: true,
  };
  const caps = await fromElasticsearch('elasticsearch', signal, async () =>
    parseShape(FieldCaps, await client.fieldCaps(request, { signal })),
  );
  const all = [caps.indices].flat();
  const types = typesByIndex(caps.fields, all);
  const namesFor: FieldsRead['namesFor'] = (patterns, keywords) => {
    const own = all.filter((name) => patterns.some((pattern) => isOf(name, pattern)));
    // The response names the indices of an alias, not the alias: then it applies to all of them.
    const names = own.length > 0 ? own : all;
    return { ...namesIn(types, names), variants: variantsOf(types, names, keywords) };
  };
  return { namesFor, notes: caps.failures.map(noteOf) };
}

/** Field → index → the types of the field there. A cluster can have tens of thousands of indices. */
type FieldTypes = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

function typesByIndex(fields: Caps, all: readonly string[]): FieldTypes {
  const types = new Map<string, Map<string, Set<string>>>();
  for (const [field, caps] of Object.entries(fields)) {
    const ofField = new Map<string, Set<string>>();
    types.set(field, ofField);
    for (const [type, { indices }] of Object.entries(caps)) {
      if (type === 'unmapped') continue;
      // Without `indices` the type applies to all.
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
  return { reason, detail: `${[...new Set(where)].join(', ')}: did not report its fields` };
}

/** Indices grouped by which of these fields are texts; indices with none of the fields are left out. */
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

/** A backing index `.ds-traces-x-2026.11.24-000001` belongs to the data stream `traces-x`; `cluster:name` to another cluster. */
function isOf(index: string, pattern: string): boolean {
  const bare = index.replace(/^[^:]*:/, '').replace(/^\.ds-(.*)-\d{4}\.\d{2}\.\d{2}-\d{6}$/, '$1');
  return matches(bare, pattern.replace(/^[^:]*:/, ''));
}

/** Whether a name matches a pattern where `*` matches any text; in linear time. */
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
