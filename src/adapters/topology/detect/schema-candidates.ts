import type { Client } from '@elastic/elasticsearch';
import type { ChainNote } from '../../../domain/service-chain';
import type { LogSchema, SchemaId, TopologySchema } from '../schemas/topology-schema';
import { ownLogSchema, type LogFields } from '../schemas/logs';
import { SCHEMAS } from '../schemas/schema-list';
import { readFieldNames, type FieldNames } from '../search/field-names';
import type { Bounds } from '../search/read-bounds';

/** A schema that may hold the service, with its indices and the names of its fields there. */
export type Candidate = {
  schema: TopologySchema;
  /** All formats of logs that share the indices. */
  formats: LogSchema[];
  index: string;
  names: FieldNames;
};
export type DetectOptions = {
  schema: 'auto' | SchemaId;
  indexPrefix: string;
  index?: string;
  logFields?: LogFields;
};
/** `notes`: what could not be queried; other schemas may hold the service too. */
export type Candidates = {
  found: Candidate[];
  /** All whose fields exist, whether they hold the service or not. */
  present: Candidate[];
  notes: ChainNote[];
};
export type DetectContext = {
  client: Client;
  bounds: Bounds;
  signal?: AbortSignal;
  onPage?: () => void;
};

/** The user's own fields of logs come before those of known formats. */
export const schemasFor = ({ schema: id, logFields }: DetectOptions): TopologySchema[] => {
  const own = logFields === undefined ? [] : [ownLogSchema(logFields)];
  const isLogs = ({ kind }: TopologySchema): boolean => kind === 'logs';
  const all = [...SCHEMAS.filter((each) => !isLogs(each)), ...own, ...SCHEMAS.filter(isLogs)];
  return all.filter((schema) => id === 'auto' || schema.id === id);
};

/** The schema's index patterns with each prefix; with `*:` those of other clusters, if a prefix asks for them. */
const indexOf = ({ index, indexPrefix }: DetectOptions, { indices }: TopologySchema): string =>
  index ??
  indexPrefix
    .split(',')
    .flatMap((prefix) => indices.map((name) => `${prefix.trim()}${name}`))
    .join(',');

export const patternsOf = (options: DetectOptions, schemas: readonly TopologySchema[]): string =>
  [...new Set(schemas.flatMap((schema) => indexOf(options, schema).split(',')))].join(',');

/** The schemas whose fields exist in the indices, whatever services they hold. */
export async function presentSchemas(
  options: DetectOptions,
  context: DetectContext,
): Promise<SchemaId[]> {
  const present = (await allCandidates(options, context)).found.filter(hasItsFields);
  return [...new Set(present.map(({ schema }) => schema.id))];
}

/** Every configured schema as a candidate, with the names of its fields in its indices. */
export async function allCandidates(
  options: DetectOptions,
  context: DetectContext,
): Promise<Candidates> {
  const schemas = schemasFor(options);
  const index = patternsOf(options, schemas);
  const keywords = schemas.flatMap((schema) => schema.keywords);
  const { namesFor, notes } = await readFieldNames({ ...context, index }, keywords);
  const found = schemas.map((schema): Candidate => {
    const own = indexOf(options, schema);
    const formats = schema.kind === 'logs' ? [schema] : [];
    return { schema, formats, index: own, names: namesFor(own.split(','), schema.keywords) };
  });
  return { found, present: found, notes };
}

/** Whether the field that a schema is queried by exists; without it a search for the service would fail. */
export function hasItsFields({ schema, names }: Candidate): boolean {
  if (schema.kind === 'logs') return schema.keywords.every(names.has);
  if (schema.kind === 'spans') return names.has(schema.trace);
  return schema.keywords.some(names.has);
}

/** The formats of logs are one candidate: they share their indices. */
export function mergedFormats(candidates: readonly Candidate[]): Candidate[] {
  const formats = candidates.flatMap((candidate) => candidate.formats);
  const first = candidates.find(({ schema }) => schema.kind === 'logs');
  return candidates
    .filter((candidate) => candidate.schema.kind !== 'logs' || candidate === first)
    .map((candidate) => (candidate === first ? { ...candidate, formats } : candidate));
}
