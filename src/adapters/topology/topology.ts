import type { Client } from '@elastic/elasticsearch';
import { z } from 'zod';
import type { ServiceChain } from '../../domain/service-chain';
import type { Span } from '../../steps/service-chain';
import { readJsonFile } from '../json-file';
import { otel } from './otel';
import { readSpans } from './read-spans';

export type TopologyQuery = {
  service: string;
  now: Date;
  signal?: AbortSignal;
  onPage?: () => void;
};
/** The spans of sampled traces through the service; steps/service-chain.ts joins them. */
export type TracedSpans = { spans: Span[] } & Pick<ServiceChain, 'source' | 'truncated'>;
export type Topology = { trace(query: TopologyQuery): Promise<TracedSpans> };

export type TopologyOptions = {
  url: string;
  client?: Client;
  schema: 'auto' | 'otel';
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
    const schema = otel;
    const index = options.index ?? `${options.indexPrefix}${schema.indices}`;
    const { from, to } = windowAt(options.window, now);
    const query = { client, schema, index, service, from, to, signal, onPage };
    const { spans, traces, truncated } = await readSpans(query);
    const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    return {
      spans,
      source: { schema: schema.id, indices: [index], window, traces },
      // A sample is how chains are read, not a fault; the edges' scale says it.
      truncated: truncated.filter((reason) => reason !== 'sampled'),
    };
  },
});

/** `{"edges": [{caller, callee, calls?, errors?, external?}]}`; `external` names a store or broker (redis, …). */
const EdgeFile = z.object({
  edges: z.array(
    z.object({
      caller: z.string().min(1),
      callee: z.string().min(1),
      calls: z.int().positive().max(1000).default(1),
      errors: z.int().nonnegative().default(0),
      external: z.boolean().default(false),
    }),
  ),
});

/** Relations without traces give reachability, no causal chain: every edge is taken to be in one trace. */
const fromFile = ({ url, window: text }: TopologyOptions): Topology => ({
  async trace({ now }) {
    const { edges } = await readJsonFile('elasticsearch', url, EdgeFile);
    const { from, to } = windowAt(text, now);
    const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    return {
      spans: edges.flatMap(spansOfEdge),
      source: { schema: 'file', indices: [], window, traces: { sampled: 0, total: 0 } },
      truncated: [],
    };
  },
});

/** One client and one server span a call, so that files and traces are joined and counted alike. */
function spansOfEdge(edge: z.infer<typeof EdgeFile>['edges'][number], index: number): Span[] {
  const { caller, callee, calls, errors, external } = edge;
  return Array.from({ length: calls }, (_, call): Span[] => {
    const id = `${index}.${call}`;
    const common = { trace: 'file', failed: call < errors, links: [], peer: null, store: null };
    const client: Span = { ...common, id, parent: null, service: caller, kind: 'client' };
    if (external) return [{ ...client, store: callee }];
    return [client, { ...common, id: `${id}s`, parent: id, service: callee, kind: 'server' }];
  }).flat();
}

const UNIT_MS: Record<string, number> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

/** The window in epoch milliseconds; config.ts has checked the text. */
function windowAt(text: string, now: Date): { from: number; to: number } {
  const [from, to] = text.split('/');
  if (from !== undefined && to !== undefined) return { from: Date.parse(from), to: Date.parse(to) };
  const length = Number.parseInt(text, 10) * (UNIT_MS[text.slice(-1)] ?? 3.6e6);
  return { from: now.getTime() - length, to: now.getTime() };
}
