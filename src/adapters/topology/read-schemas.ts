import type { Client } from '@elastic/elasticsearch';
import type { ChainNote } from '../../domain/service-chain';
import type { Reading } from '../../domain/topology/reading';
import { failureOf } from '../elasticsearch/failure';
import { UpstreamError } from '../upstream/upstream-error';
import type { Bounds } from './search/read-bounds';
import { createSearch } from './search/bounded-search';
import type { Candidate } from './detect-schemas';
import { readLogs } from './read/read-logs';
import { readRelations } from './read/read-relations';
import { readSpans } from './read/read-spans';
import type { Range } from './topology-schema';

export type ReadContext = {
  client: Client;
  bounds: Bounds;
  signal?: AbortSignal;
  onPage?: () => void;
  service: string;
  range: Range;
};

/** Beside the first schema: traffic that is written twice shows the same edges twice, and a third tells little more. */
const MAX_READINGS = 3;

export type Told = { candidate: Candidate; reading: Reading; notes: ChainNote[] };

/**
 * What the candidates tell of the service, in their order: the first counts calls, further traces and relations add
 * edges. Logs, which are inferred, are read where nothing else tells of it. A candidate that turns out not to know
 * the service (some cannot be asked beforehand) is kept only where it is the one that was set.
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
    // Its traces are older than the window: they are causal all the same, and relations of the day are no newer.
    if (told.length === 0 && traced && kind !== 'spans') continue;
    traced ||= kind === 'spans';
    const { reading, notes } = await readCandidate(candidate, context);
    if (candidates.length === 1 || tellsOf(reading, context.service)) {
      told.push({ candidate, reading, notes });
    }
  }
  return told;
}

/** Some schemas write names in lower case or with other signs: letters and digits decide. */
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

/** One schema's documents of the window. */
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
/** A daily and a weekly rhythm: what runs once a day or a week is no part of an hour. */
const LOOK_BACK_MS = [24 * HOUR_MS, 7 * 24 * HOUR_MS];
export const LONGEST_LOOK_BACK_MS = Math.max(...LOOK_BACK_MS);

/**
 * Rare edges: of the 24 hours and the 7 days before the window's end, where the window is shorter. Logs are left out:
 * what they let infer needs many requests of one time. A fault here costs nothing but the rare edges, and is told.
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
