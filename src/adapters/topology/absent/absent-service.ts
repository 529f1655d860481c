import { z } from 'zod';
import type { ChainNote } from '../../../domain/service-chain';
import { parseShape, checkShape } from '../../upstream/bounded-json';
import { fromElasticsearch } from '../../elasticsearch/elasticsearch';
import {
  hasItsFields,
  patternsOf,
  schemasFor,
  type Candidate,
  type DetectContext,
} from '../detect/schema-candidates';
import type { TopologyOptions } from '../topology-source';
import type { Range, Resolve, TopologySchema } from '../schemas/topology-schema';
import { createSearch } from '../search/bounded-search';
import { rangeOf } from '../search/range-query';
import { FieldCaps } from '../search/search-answer';
import { nearNames } from './near-names';

/** Services of one index that are looked through for near names. */
const MAX_SERVICES = 1_000;
/** More names than these help nobody. */
const MAX_NAMED = 10;
const MAX_INDICES = 3;

export type Absent = { service: string; range: Range };

/** Why nothing may have been found, and what to do: names like the one given, other services, other indices. */
export async function absentNotes(
  options: TopologyOptions,
  context: DetectContext,
  candidates: readonly Candidate[],
  absent: Absent,
): Promise<ChainNote[]> {
  const present = candidates.filter(hasItsFields);
  const details =
    present.length === 0
      ? await indexHints(options, context)
      : await serviceHints(options, context, present, absent);
  return details.map((detail) => ({ reason: 'names', detail }));
}

async function indexHints(options: TopologyOptions, context: DetectContext): Promise<string[]> {
  const { index, indexPrefix } = options;
  const schemas = schemasFor(options);
  const asked = patternsOf(options, schemas);
  const there = await indicesOf(context, asked);
  if (there.length > 0) {
    const fields = [...new Set(schemas.flatMap(({ keywords }) => keywords.slice(0, 1)))];
    return [
      `${named(there, MAX_INDICES)} ${there.length === 1 ? 'exists, but has' : 'exist, but have'} none of the fields that a schema is found by (${named(fields, MAX_NAMED)}): the mapping of whoever writes there is missing, or TOPOLOGY_SCHEMA or TOPOLOGY_LOG_FIELDS names others`,
    ];
  }
  const where = index === undefined ? `with TOPOLOGY_INDEX_PREFIX=${indexPrefix}` : `of ${index}`;
  if (index !== undefined || indexPrefix === '')
    return [`no index ${index === undefined ? 'of a known schema' : where} exists`];
  for (const other of otherPrefixes(indexPrefix)) {
    const found = await indicesOf(context, patternsOf({ ...options, indexPrefix: other }, schemas));
    if (found.length > 0)
      return [
        `no index ${where} exists, but ${named(found, MAX_INDICES)}: set TOPOLOGY_INDEX_PREFIX=${other}`,
      ];
  }
  return [`no index ${where} exists`];
}

/** Jaeger's own flag takes the prefix without the dash that the names have. */
function otherPrefixes(prefix: string): string[] {
  const bare = prefix.replace(/[-.]$/, '');
  return [`${bare}-`, `${bare}.`, bare, ''].filter((other) => other !== prefix);
}

async function indicesOf(
  { client, bounds, signal }: DetectContext,
  index: string,
): Promise<string[]> {
  if (bounds.spend() !== null) return [];
  const request = {
    index,
    fields: ['@timestamp'],
    ignore_unavailable: true,
    allow_no_indices: true,
  };
  const caps = await fromElasticsearch('elasticsearch', signal, async () =>
    parseShape(
      FieldCaps,
      await client.fieldCaps({ ...request, include_unmapped: true }, { signal }),
    ),
  );
  return [caps.indices].flat();
}

const Found = z.object({
  names: z
    .object({ buckets: z.array(z.object({ key: z.string(), doc_count: z.number() })) })
    .optional(),
  newest: z.object({ value: z.number().nullable() }).optional(),
});

async function serviceHints(
  { environment }: TopologyOptions,
  context: DetectContext,
  present: readonly Candidate[],
  { service, range }: Absent,
): Promise<string[]> {
  const held = await servicesIn(context, present, range);
  if (held.names.size === 0) return emptyWindow(held.newest, range);
  if (environment !== undefined && held.names.has(service))
    return [`there are documents of ${service}, but none in TOPOLOGY_ENVIRONMENT=${environment}`];
  const names = [...held.names].sort(([, a], [, b]) => b - a).map(([name]) => name);
  const near = nearNames(service, names);
  return [
    ...(near.length > 0 ? [`names like ${service} there: ${named(near, MAX_NAMED)}`] : []),
    `the indices hold ${names.length} ${names.length === 1 ? 'service' : 'services'} in this window: ${named(names, MAX_NAMED)}`,
  ];
}

function emptyWindow(newest: number | null, { from, to }: Range): string[] {
  const window = `${isoOf(from)} to ${isoOf(to)}`;
  if (newest === null) return ['the indices hold no document'];
  return [`no document is in the window ${window}; the newest is of ${isoOf(newest)}`];
}

const isoOf = (ms: number): string => new Date(ms).toISOString();

async function servicesIn(context: DetectContext, present: readonly Candidate[], range: Range) {
  const index = [...new Set(present.map((candidate) => candidate.index))].join(',');
  const { searchAll } = createSearch({ ...context, index });
  const asked = present.flatMap(({ schema, index: own, names }) =>
    names.variants.flatMap((variant) => {
      const where = { index: variant.index ?? own, size: 0 };
      const field = serviceField(schema, variant.resolve);
      const newest = { ...where, aggs: { newest: { max: { field: schema.time } } } };
      if (field === null) return [newest];
      const aggs = { names: { terms: { field, size: MAX_SERVICES } } };
      return [{ ...where, query: { bool: { filter: [rangeOf(schema, range)] } }, aggs }, newest];
    }),
  );
  const names = new Map<string, number>();
  let newest: number | null = null;
  for (const { aggregations } of await searchAll(asked)) {
    const found = checkShape(Found, aggregations).data;
    for (const { key, doc_count } of found?.names?.buckets ?? [])
      names.set(key, (names.get(key) ?? 0) + doc_count);
    const at = found?.newest?.value ?? null;
    if (at !== null) newest = Math.max(at, newest ?? at);
  }
  return { names, newest };
}

function serviceField(schema: TopologySchema, resolve: Resolve): string | null {
  if (schema.kind === 'spans') return resolve(schema.identity.service);
  const service = schema.kind === 'logs' ? schema.keywords[1] : undefined;
  return service === undefined ? null : resolve(service);
}

const named = (names: readonly string[], most: number): string =>
  names.length > most
    ? `${names.slice(0, most).join(', ')} and ${names.length - most} more`
    : names.join(', ');
