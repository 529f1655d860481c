import type { ChainNote } from '../../../domain/service-chain';
import type { Reading } from '../../../domain/topology/reading';
import { failureOf } from '../../elasticsearch/client-errors';
import { UpstreamError } from '../../upstream/upstream-error';
import type { Candidate } from '../detect/schema-candidates';
import { createSearch } from '../search/bounded-search';
import type { ReadContext } from './read-detected-schemas';
import { readRelations } from './read-relations';
import { readSpans } from './read-spans';

const HOUR_MS = 3_600_000;
/** Look-backs of a day and a week: a shorter window may miss jobs that run daily or weekly. */
const LOOK_BACK_MS = [24 * HOUR_MS, 7 * 24 * HOUR_MS];
export const LONGEST_LOOK_BACK_MS = Math.max(...LOOK_BACK_MS);

/**
 * Rare edges, from the 24 hours and the 7 days before the window's end when the window is shorter. Logs are left out:
 * inferring an edge from them needs many requests of the same period. A failure here loses only the rare edges, and a
 * note reports it.
 */
export async function readEarlierWindows(
  candidate: Candidate,
  { service, range, ...context }: ReadContext,
): Promise<{ readings: Reading[]; notes: ChainNote[] }> {
  const readings: Reading[] = [];
  const notes: ChainNote[] = [];
  let until = range.from;
  for (const length of LOOK_BACK_MS) {
    const from = range.to - length;
    if (from >= until) continue;
    const earlier = await readWindow(candidate, {
      ...context,
      service,
      range: { from, to: until },
    });
    readings.push(...earlier.readings);
    notes.push(...earlier.notes.filter(({ reason }) => reason !== 'spans'));
    until = from;
  }
  return { readings, notes };
}

async function readWindow(
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
