import { checkShape } from '../../upstream/bounded-json';
import type { Client } from '@elastic/elasticsearch';
import { z } from 'zod';
import type { ChainNote } from '../../../domain/service-chain';
import type { Bounds } from '../search/read-bounds';
import { createSearch } from '../search/bounded-search';
import { readFieldNames, type FieldNames } from '../search/field-names';
import { rangeOf, underAnyName } from '../search/range-query';
import {
  SCHEMA_IDS,
  type LogSchema,
  type Range,
  type SchemaId,
  type TopologySchema,
} from '../schemas/topology-schema';
import { SCHEMAS } from '../schemas/schema-list';

/** A schema that holds documents of the service, with its indices and the names of its fields there. */
export type Candidate = {
  schema: TopologySchema;
  /** All formats of logs that share the indices. */
  formats: LogSchema[];
  index: string;
  names: FieldNames;
};
export type DetectOptions = { schema: 'auto' | SchemaId; indexPrefix: string; index?: string };
/** `notes`: what could not be queried; other schemas may hold the service too. */
export type Detected = { found: Candidate[]; notes: ChainNote[] };
type Context = { client: Client; bounds: Bounds; signal?: AbortSignal; onPage?: () => void };

/** Mappings and writers change only with deployments. */
const KEPT_MS = 3_600_000;
const MAX_KEPT = 200;
/** Two schemas whose newest documents are closer than this are both in use; then the order of trust decides. */
const TOLERANCE_MS = 3_600_000;

export const schemasFor = ({ schema: id }: DetectOptions): TopologySchema[] =>
  SCHEMAS.filter((schema) => id === 'auto' || schema.id === id);

/** The schema's index patterns with each prefix; with `*:` those of other clusters, if a prefix asks for them. */
const indexOf = ({ index, indexPrefix }: DetectOptions, { indices }: TopologySchema): string =>
  index ??
  indexPrefix
    .split(',')
    .flatMap((prefix) => indices.map((name) => `${prefix.trim()}${name}`))
    .join(',');

export const patternsOf = (options: DetectOptions, schemas: readonly TopologySchema[]): string =>
  [...new Set(schemas.flatMap((schema) => indexOf(options, schema).split(',')))].join(',');

/**
 * Finds the schemas that hold the service: one `_field_caps` and one `_msearch`. A configured schema is used without
 * a check. The first counts calls; the result is cached for an hour.
 */
export function createDetection(options: DetectOptions) {
  const kept = new Map<string, { until: number; found: Candidate[] }>();
  return async (context: Context, service: string, range: Range): Promise<Detected> => {
    const known = kept.get(service);
    if (known !== undefined && known.until > Date.now()) return { found: known.found, notes: [] };
    const detected = await detect(options, context, service, range);
    // Not cached: missing data, unmapped fields or an unreachable cluster may change within a minute.
    if (detected.found.some(hasItsFields) && detected.notes.length === 0) {
      if (kept.size >= MAX_KEPT) kept.delete([...kept.keys()][0] ?? '');
      kept.set(service, { until: Date.now() + KEPT_MS, found: detected.found });
    }
    return detected;
  };
}

/** The schemas whose fields exist in the indices, whatever services they hold. */
export async function presentSchemas(
  options: DetectOptions,
  context: Context,
): Promise<SchemaId[]> {
  const present = (await allCandidates(options, context)).found.filter(hasItsFields);
  return [...new Set(present.map(({ schema }) => schema.id))];
}

async function detect(
  options: DetectOptions,
  context: Context,
  service: string,
  range: Range,
): Promise<Detected> {
  const { found: all, notes } = await allCandidates(options, context);
  if (options.schema !== 'auto') return { found: merged(all), notes };
  const present = all.filter(hasItsFields);
  const newest = await newestOf(context, present, service, range);
  return { found: chosen(present, newest.at), notes: [...notes, ...newest.notes] };
}

async function allCandidates(options: DetectOptions, context: Context): Promise<Detected> {
  const schemas = schemasFor(options);
  const index = patternsOf(options, schemas);
  const keywords = schemas.flatMap((schema) => schema.keywords);
  const { namesFor, notes } = await readFieldNames({ ...context, index }, keywords);
  const found = schemas.map((schema): Candidate => {
    const own = indexOf(options, schema);
    const formats = schema.kind === 'logs' ? [schema] : [];
    return { schema, formats, index: own, names: namesFor(own.split(','), schema.keywords) };
  });
  return { found, notes };
}

/** Whether the field that a schema is queried by exists; without it a search for the service would fail. */
function hasItsFields({ schema, names }: Candidate): boolean {
  if (schema.kind === 'logs') return schema.keywords.every(names.has);
  if (schema.kind === 'spans') return names.has(schema.trace);
  return schema.keywords.some(names.has);
}

const Newest = z.object({ newest: z.object({ value: z.number().nullable() }) });

/** Time of each schema's newest document of the service in the window, epoch milliseconds; null without one. */
async function newestOf(
  context: Context,
  candidates: readonly Candidate[],
  service: string,
  range: Range,
): Promise<{ at: (number | null)[]; notes: ChainNote[] }> {
  const index = [...new Set(candidates.map((candidate) => candidate.index))].join(',');
  const { searchAll, notes } = createSearch({ ...context, index });
  const answers = await searchAll(
    candidates.map(({ schema, index: own, names }) => ({
      index: own,
      size: 0,
      query: {
        bool: {
          filter: [
            rangeOf(schema, range),
            underAnyName(names.variants, (resolve) => schema.about(service, resolve)),
          ],
        },
      },
      aggs: { newest: { max: { field: schema.time } } },
    })),
  );
  const at = candidates.map(({ schema }, place) => {
    const value = checkShape(Newest, answers[place]?.aggregations).data?.newest.value ?? null;
    return value === null ? null : (schema.newest?.(value) ?? value);
  });
  return { at, notes: notes() };
}

/** Order of the schemas that hold the service: traces with recent data by trust, then relations, logs, old traces. */
function chosen(candidates: readonly Candidate[], newest: readonly (number | null)[]): Candidate[] {
  const alive = candidates.flatMap((candidate, place) => {
    const at = newest[place];
    return at === null || at === undefined ? [] : [{ candidate, at }];
  });
  const latest = Math.max(...alive.map(({ at }) => at));
  const rank = ({ candidate: { schema }, at }: (typeof alive)[number]): number => {
    const stale = schema.kind === 'spans' && at < latest - TOLERANCE_MS ? SCHEMA_IDS.length : 0;
    return stale + SCHEMA_IDS.indexOf(schema.id);
  };
  return merged(alive.sort((a, b) => rank(a) - rank(b)).map(({ candidate }) => candidate));
}

/** The formats of logs are one candidate: they share their indices. */
function merged(candidates: readonly Candidate[]): Candidate[] {
  const formats = candidates.flatMap((candidate) => candidate.formats);
  const first = candidates.find(({ schema }) => schema.kind === 'logs');
  return candidates
    .filter((candidate) => candidate.schema.kind !== 'logs' || candidate === first)
    .map((candidate) => (candidate === first ? { ...candidate, formats } : candidate));
}
