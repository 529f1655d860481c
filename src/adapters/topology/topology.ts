import type { Client } from '@elastic/elasticsearch';
import { z } from 'zod';
import type { ChainNote } from '../../domain/service-chain';
import type { Reading, Relation, Traced } from '../../steps/service-chain/reading';
import { assertReadable } from '../elasticsearch/access';
import { readJsonFile } from '../json-file';
import { readLogs } from './read-logs';
import { readRelations } from './read-relations';
import { readSpans, type SpanQuery } from './read-spans';
import type { SchemaId, TopologySchema } from './schema';
import { SCHEMAS } from './schemas';

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
  return client === undefined ? fromFile(options) : fromElasticsearch(options, client);
}

const fromElasticsearch = (options: TopologyOptions, client: Client): Topology => ({
  async trace({ service, now, signal, onPage }) {
    const id = options.schema === 'auto' ? 'otel' : options.schema;
    // Several only where one id has several formats (logs), which share their indices.
    const schemas = SCHEMAS.filter((each) => each.id === id);
    const [schema] = schemas;
    if (schema === undefined) throw new Error(`no schema ${id}`);
    const range = windowAt(options.window, now);
    const index =
      options.index ?? schema.indices.map((name) => `${options.indexPrefix}${name}`).join(',');
    const context = { client, index, signal, onPage };
    const window = { from: isoOf(range.from), to: isoOf(range.to) };
    const source = { indices: [index], window };
    const { reading, notes } =
      schema.kind === 'spans'
        ? await fromSpans({ ...context, schema, service, ...range })
        : schema.kind === 'relations'
          ? await readRelations(context, schema, service, range)
          : await readLogs(context, logsIn(schemas), service, range);
    if (isEmpty(reading)) await assertReadable(client, index.split(','), signal);
    return { readings: [reading], source, notes };
  },
});

const isoOf = (ms: number): string => new Date(ms).toISOString();
const logsIn = (schemas: readonly TopologySchema[]) =>
  schemas.filter((schema) => schema.kind === 'logs');

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

async function fromSpans(query: SpanQuery): Promise<{ reading: Reading; notes: ChainNote[] }> {
  const { spans, traces, truncated } = await readSpans(query);
  return {
    reading: { schema: query.schema.id, earlier: false, traces, kind: 'spans', spans },
    // A sample is how chains are read, not a fault; the edges' scale says it.
    notes: truncated
      .filter((reason) => reason !== 'sampled')
      .map((reason) => ({ reason, detail: `reading ${query.index}` })),
  };
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

/** A file has no traces: its edges give reachability. */
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
