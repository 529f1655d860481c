import type { Client } from '@elastic/elasticsearch';
import type { ChainNote } from '../../../domain/service-chain';
import type { Reading } from '../../../domain/topology/reading';
import { failureOf } from '../../elasticsearch/client-errors';
import { UpstreamError } from '../../upstream/upstream-error';
import type { Bounds } from '../search/read-bounds';
import { createSearch } from '../search/bounded-search';
import type { Candidate } from '../detect/detect-service-schemas';
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

export type Told = { candidate: Candidate; reading: Reading; notes: ChainNote[] };

/**
 * Reads the service from the candidates in their order. The first counts calls; further traces and relations add
 * edges. Logs, whose edges are inferred, are read only when no other candidate has the service. A candidate that turns
 * out not to have the service (some cannot be checked beforehand) is kept only when it was configured.
 */
export async function readFirstOf(
  candidates: readonly Candidate[],
  context: ReadContext,
): Promise<Told[]> {
  const told: Told[] = [];
  let traced = false;
  for (const candidate of candidates) {
    if (told.length >= MAX_READINGS) break;
    const { kind } = candidate.schema;
    if (told.length > 0 && kind === 'logs') continue;
    // Its traces are older than the window, but they are causal, and the day's relations are no newer.
    if (told.length === 0 && traced && kind !== 'spans') continue;
    traced ||= kind === 'spans';
    const { reading, notes } = await readCandidate(candidate, context);
    if (candidates.length === 1 || tellsOf(reading, context.service)) {
      told.push({ candidate, reading, notes });
    }
  }
  return told;
}

/** Some schemas write names in lower case or with other punctuation, so only letters and digits are compared. */
const lettersOf = (name: string): string =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

function tellsOf(reading: Reading, service: string): boolean {
  const letters = lettersOf(service);
  const isIt = (name: string) => name === service || lettersOf(name) === letters;
  switch (reading.kind) {
    case 'spans':
      return reading.spans.some((span) => isIt(span.service));
    case 'relations':
      return reading.relations.some(({ caller, callee }) => isIt(caller) || isIt(callee));
    case 'logs':
      return reading.entries.some((entry) => isIt(entry.service));
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

const HOUR_MS = 3_600_000;
/** Look-backs of a day and a week: a shorter window may miss jobs that run daily or weekly. */
const LOOK_BACK_MS = [24 * HOUR_MS, 7 * 24 * HOUR_MS];
export const LONGEST_LOOK_BACK_MS = Math.max(...LOOK_BACK_MS);

/**
 * Rare edges, from the 24 hours and the 7 days before the window's end when the window is shorter. Logs are left out:
 * inferring an edge from them needs many requests of the same period. A failure here loses only the rare edges, and a
 * note reports it.
 */
export async function earlierReadings(
  candidate: Candidate,
  { service, range, ...context }: ReadContext,
): Promise<{ readings: Reading[]; notes: ChainNote[] }> {
  const readings: Reading[] = [];
  const notes: ChainNote[] = [];
  let until = range.from;
  for (const length of LOOK_BACK_MS) {
    const from = range.to - length;
    if (from >= until) continue;
    const told = await readEarlier(candidate, { ...context, service, range: { from, to: until } });
    readings.push(...told.readings);
    notes.push(...told.notes.filter(({ reason }) => reason !== 'spans'));
    until = from;
  }
  return { readings, notes };
}

async function readEarlier(
  { schema, index, names }: Candidate,
  { service, range, ...context }: ReadContext,
): Promise<{ readings: Reading[]; notes: ChainNote[] }> {
  const search = createSearch({ ...context, index });
  try {
    switch (schema.kind) {
      case 'spans': {
        const read = { search, schema, variants: names.variants };
        const { reading, notes } = await readSpans(read, service, range, true);
        return { readings: [reading], notes };
      }
      case 'relations': {
        const { reading, notes } = await readRelations(
          search,
          schema,
          names.resolve,
          service,
          range,
        );
        return { readings: [{ ...reading, earlier: true }], notes };
      }
      case 'logs':
        return { readings: [], notes: [] };
    }
  } catch (error) {
    const failure = failureOf('elasticsearch', error);
    if (!(failure instanceof UpstreamError)) throw error;
    const detail = `${index}: rare edges from before the window were not read: ${failure.message}`;
    return { readings: [], notes: [{ reason: 'shards', detail }] };
  }
}
