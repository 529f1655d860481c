import type { Client } from '@elastic/elasticsearch';
import type { ChainNote } from '../../../domain/service-chain';
import type { Reading } from '../../../domain/topology/reading';
import type { Bounds } from '../search/read-bounds';
import { createSearch } from '../search/bounded-search';
import type { Candidate } from '../detect/schema-candidates';
import { readLogs } from './read-logs';
import { readRelations } from './read-relations';
import { readSpans } from './read-spans';
import type { Range } from '../schemas/topology-schema';

export type ReadContext = {
  client: Client;
  bounds: Bounds;
  signal?: AbortSignal;
  onPage?: () => void;
  service: string;
  range: Range;
};

/** Most schemas read for one service: traffic written twice shows the same edges twice, so more add little. */
const MAX_READINGS = 3;

export type SchemaReading = { candidate: Candidate; reading: Reading; notes: ChainNote[] };

/**
 * Reads the service from the candidates in their order. The first counts calls; further traces and relations add
 * edges. Logs, whose edges are inferred, are read only when no other candidate has the service. A candidate that turns
 * out not to have the service (some cannot be checked beforehand) is kept only when it was configured.
 */
export async function readDetected(
  candidates: readonly Candidate[],
  context: ReadContext,
): Promise<SchemaReading[]> {
  const readings: SchemaReading[] = [];
  let traced = false;
  for (const candidate of candidates) {
    if (readings.length >= MAX_READINGS) break;
    const { kind } = candidate.schema;
    if (readings.length > 0 && kind === 'logs') continue;
    // Its traces are older than the window, but they are causal, and the day's relations are no newer.
    if (readings.length === 0 && traced && kind !== 'spans') continue;
    traced ||= kind === 'spans';
    const { reading, notes } = await readCandidate(candidate, context);
    if (candidates.length === 1 || showsService(reading, context.service)) {
      readings.push({ candidate, reading, notes });
    }
  }
  return readings;
}

/** Some schemas write names in lower case or with other punctuation, so only letters and digits are compared. */
const lettersOf = (name: string): string =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

function showsService(reading: Reading, service: string): boolean {
  const letters = lettersOf(service);
  const isService = (name: string) => name === service || lettersOf(name) === letters;
  switch (reading.kind) {
    case 'spans':
      return reading.spans.some((span) => isService(span.service));
    case 'relations':
      return reading.relations.some(({ caller, callee }) => isService(caller) || isService(callee));
    case 'logs':
      return reading.entries.some((entry) => isService(entry.service));
  }
}

/** Reads one schema's documents in the window. */
function readCandidate(
  { schema, formats, index, names }: Candidate,
  { service, range, ...context }: ReadContext,
): Promise<{ reading: Reading; notes: ChainNote[] }> {
  const search = createSearch({ ...context, index });
  switch (schema.kind) {
    case 'spans':
      return readSpans({ search, schema, variants: names.variants }, service, range);
    case 'relations':
      return readRelations(search, schema, names.resolve, service, range);
    case 'logs':
      return readLogs(search, formats, names, service, range);
  }
}
