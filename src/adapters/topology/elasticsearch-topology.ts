import type { Client } from '@elastic/elasticsearch';
import type { Reading, Traced } from '../../domain/topology/reading';
import { assertReadable } from '../elasticsearch/access-checks';
import { fromElasticsearch } from '../elasticsearch/elasticsearch';
import { absentNotes, type Absent } from './absent/absent-service';
import { createDetection } from './detect/detect-service-schemas';
import {
  patternsOf,
  schemasFor,
  type Candidate,
  type DetectContext,
} from './detect/schema-candidates';
import { placedCandidate } from './detect/placed-candidate';
import { readDetected } from './read/read-detected-schemas';
import { LONGEST_LOOK_BACK_MS, readEarlierWindows } from './read/read-earlier-windows';
import { readSameTraces } from './read/read-same-traces';
import { createBounds } from './search/read-bounds';
import type { Topology, TopologyOptions, TopologyQuery } from './topology-source';
import { windowAt } from './topology-window';

const isoOf = (ms: number): string => new Date(ms).toISOString();

/** The service's documents in the detected schemas, and rare edges of the week before. */
export const topologyFromElasticsearch = (options: TopologyOptions, client: Client): Topology => {
  const detect = createDetection(options);
  /** Help does not fail what was read. */
  const help = (present: readonly Candidate[], absent: Absent, context: DetectContext) =>
    absentNotes(options, context, present, absent).catch((error: unknown) => {
      if (context.signal?.aborted) throw error;
      return [];
    });
  const trace = async ({ service, now, signal, onPage }: TopologyQuery): Promise<Traced> => {
    const range = windowAt(options.window, now);
    const context = { client, bounds: createBounds(), signal, onPage };
    const read = { ...context, service, range };
    const exact = options.window.includes('/');
    // Look before the window too: during the day, a nightly job has traces only from the night.
    const from = exact ? range.from : Math.min(range.from, range.to - LONGEST_LOOK_BACK_MS);
    const detection = await detect(context, service, { ...range, from });
    const { present, notes: unasked } = detection;
    const found = detection.found.map((each) => placedCandidate(each, options.environment));
    const detected = await readDetected(found, read);
    const readings = detected.map(({ reading }) => reading);
    const notes = [...unasked, ...detected.flatMap((one) => one.notes)];
    const same = await readSameTraces(present, detected, read);
    readings.push(...same.readings);
    notes.push(...same.notes);
    const first = detected[0]?.candidate ?? found[0];
    if (first !== undefined && !exact) {
      const earlier = await readEarlierWindows(first, read);
      readings.push(...earlier.readings);
      notes.push(...earlier.notes);
    }
    const indices = [...new Set(detected.map(({ candidate }) => candidate.index))];
    const asked = indices.length > 0 ? indices : [patternsOf(options, schemasFor(options))];
    if (readings.every(isEmpty)) {
      await assertReadable(client, asked[0]?.split(',') ?? [], signal);
      // Where a part did not answer, that there is no such name would be a guess.
      if (notes.length === 0) notes.push(...(await help(present, { service, range }, context)));
    }
    const window = { from: isoOf(range.from), to: isoOf(range.to) };
    return {
      readings,
      source: { indices: asked, window },
      notes,
      ...(options.environment !== undefined && { environment: options.environment }),
    };
  };
  // A malformed response becomes the documented error, wherever it is parsed.
  return {
    trace: (query) => fromElasticsearch('elasticsearch', query.signal, () => trace(query)),
  };
};

function isEmpty(reading: Reading): boolean {
  switch (reading.kind) {
    case 'spans':
      return reading.spans.length === 0;
    case 'relations':
      return reading.relations.length === 0;
    case 'logs':
      return reading.entries.length === 0;
  }
}
