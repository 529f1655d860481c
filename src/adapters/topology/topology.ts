import type { Client } from '@elastic/elasticsearch';
import { z } from 'zod';
import type { Reading, Relation, Traced } from '../../domain/topology/reading';
import { fromElasticsearch } from '../elasticsearch/elasticsearch';
import { assertReadable } from '../elasticsearch/access-checks';
import { readJsonFile } from '../files/json-file';
import { createBounds } from './search/read-bounds';
import { createDetection, patternsOf, schemasFor } from './detect/detect-service-schemas';
import { earlierReadings, LONGEST_LOOK_BACK_MS, readFirstOf } from './read/read-detected-schemas';
import type { SchemaId } from './schemas/topology-schema';

export type TopologyQuery = {
  service: string;
  now: Date;
  signal?: AbortSignal;
  onPage?: () => void;
};
/** What was read about one service; steps/service-chain joins it. */
export type Topology = { trace(query: TopologyQuery): Promise<Traced> };

export type TopologyOptions = {
  url: string;
  client?: Client;
  schema: 'auto' | SchemaId;
  indexPrefix: string;
  index?: string;
  /** `24h`, or an ISO 8601 interval `FROM/TO`. */
  window: string;
};

/** Where service chains are read: Elasticsearch, or a `file:` of edges. */
export function createTopology(options: TopologyOptions): Topology {
  const { client } = options;
  return client === undefined ? fromFile(options) : fromServer(options, client);
}

const isoOf = (ms: number): string => new Date(ms).toISOString();

const fromServer = (options: TopologyOptions, client: Client): Topology => {
  const detect = createDetection(options);
  const trace = async ({ service, now, signal, onPage }: TopologyQuery): Promise<Traced> => {
    const range = windowAt(options.window, now);
    const context = { client, bounds: createBounds(), signal, onPage };
    const read = { ...context, service, range };
    const exact = options.window.includes('/');
    // Look before the window too: during the day, a nightly job has traces only from the night.
    const from = exact ? range.from : Math.min(range.from, range.to - LONGEST_LOOK_BACK_MS);
    const { found, notes: unasked } = await detect(context, service, { ...range, from });
    const told = await readFirstOf(found, read);
    const readings = told.map(({ reading }) => reading);
    const notes = [...unasked, ...told.flatMap((one) => one.notes)];
    const first = told[0]?.candidate ?? found[0];
    if (first !== undefined && !exact) {
      const earlier = await earlierReadings(first, read);
      readings.push(...earlier.readings);
      notes.push(...earlier.notes);
    }
    const indices = [...new Set(told.map(({ candidate }) => candidate.index))];
    const asked = indices.length > 0 ? indices : [patternsOf(options, schemasFor(options))];
    if (readings.every(isEmpty)) await assertReadable(client, asked[0]?.split(',') ?? [], signal);
    const window = { from: isoOf(range.from), to: isoOf(range.to) };
    return { readings, source: { indices: asked, window }, notes };
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

/** `{"edges": [{caller, callee, calls?, errors?, external?}]}`; `external` names a store or broker (redis, …). */
const EdgeFile = z.object({
  edges: z.array(
    z.object({
      caller: z.string().min(1),
      callee: z.string().min(1),
      calls: z.int().positive().default(1),
      errors: z.int().nonnegative().default(0),
      external: z.boolean().default(false),
    }),
  ),
});

/** A file has no traces, so its edges show reachability only. */
const fromFile = ({ url, window: text }: TopologyOptions): Topology => ({
  async trace({ now }) {
    const { edges } = await readJsonFile('elasticsearch', url, EdgeFile);
    const { from, to } = windowAt(text, now);
    const relations = edges.map(({ external, ...edge }): Relation => ({
      ...edge,
      via: 'sync',
      ...(external && { kind: 'external' }),
    }));
    const traces = { sampled: 0, total: 0 };
    return {
      readings: [{ schema: 'file', earlier: false, traces, kind: 'relations', relations }],
      source: {
        indices: [],
        window: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
      },
      notes: [],
    };
  },
});

const UNIT_MS: Record<string, number> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

/** The window in epoch milliseconds; config.ts has checked the text. */
function windowAt(text: string, now: Date): { from: number; to: number } {
  const [from, to] = text.split('/');
  if (from !== undefined && to !== undefined) return { from: Date.parse(from), to: Date.parse(to) };
  const length = Number.parseInt(text, 10) * (UNIT_MS[text.slice(-1)] ?? 3.6e6);
  return { from: now.getTime() - length, to: now.getTime() };
}
