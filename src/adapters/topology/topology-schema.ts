import type { estypes } from '@elastic/elasticsearch';
import type { LogEntry, Relation } from '../../domain/topology/reading';
import type { Span, Topic } from '../../domain/topology/span';

export type Query = estypes.QueryDslQueryContainer;
/** In order of trust: causal traces with parent links first, then counted relations, then what logs let infer. */
export const SCHEMA_IDS = [
  'apm',
  'otel',
  'jaeger',
  'otel-ecs',
  'otel-none',
  'otel-raw',
  'zipkin',
  'apm-metrics',
  'skywalking',
  'jaeger-dependencies',
  'zipkin-dependency',
  'logs',
] as const;
export type SchemaId = (typeof SCHEMA_IDS)[number];

/** One document: `fields` as the mapping gives them (each a list), `source` as it was written. */
export type Hit = { index: string; fields: Record<string, unknown[]>; source: unknown };

/** Field name → the name that queries, sorts and aggregations must use in this index set (`TraceId` → `TraceId.keyword`). */
export type Resolve = (field: string) => string;

/** Epoch milliseconds, from inclusive, to exclusive. */
export type Range = { from: number; to: number };

/**
 * What one way of storing a topology looks like. A schema names its indices and fields and maps documents; sampling,
 * paging, bounds, links, topics and joining are shared.
 */
type Common = {
  id: SchemaId;
  /** Default index patterns, without the prefix. */
  indices: string[];
  /** Every text-like field that is queried, sorted or aggregated: one `_field_caps` decides between it and its `.keyword`. */
  keywords: string[];
  /** The field of a document's time. */
  time: string;
  /** `range` on `time`; absent: a date field, asked by epoch milliseconds. */
  within?(range: Range): Query;
  /** The value of a `max` aggregation on `time` → epoch milliseconds; absent: it is that already. */
  newest?(value: number): number;
  /** The documents that tell of one service. */
  about(service: string, resolve: Resolve): Query;
  /** How this schema writes the name of a service (Zipkin lower-cases); absent: as it is. */
  spell?(service: string): string;
};

/** Schemas whose documents belong to traces or requests: these are sampled, then read whole. */
type PerTrace = Common & {
  /** The field of the trace or request id. */
  trace: string;
  /** Asked for by the search's `fields`, which goes by the mapping and not by how the document was written. */
  fields: (string | { field: string; format: string })[];
  /** Parts of `_source` for what `fields` cannot give (lists of objects). */
  source: string[];
};

export type SpanSchema = PerTrace & {
  kind: 'spans';
  /** Spans that link into one of these traces; null where the schema has no links that can be asked for. */
  linkedFrom: ((traces: string[], resolve: Resolve) => Query) | null;
  /** Spans that write to or read from one of these topics; null where topics cannot be asked for. */
  onTopic: ((topics: Topic[], resolve: Resolve) => Query) | null;
  /** Null for documents that are no spans. */
  toSpan(hit: Hit): Span | null;
};

export type LogSchema = PerTrace & {
  kind: 'logs';
  toEntry(hit: Hit): LogEntry | null;
};

/** One bounded search: counted, heartbeating, cancellable; failed shards and timeouts are noted as reasons of `partial`. */
export type Search = (body: estypes.SearchRequest) => Promise<SearchAnswer>;
export type SearchAnswer = {
  hits: (Hit & { sort: unknown[] })[];
  /** As Elasticsearch gave them; the schema parses them with zod. */
  aggregations: unknown;
  /** Set where a bound was reached or the search failed: nothing was asked or told, which is not the end of the pages. */
  refused?: true;
};

/** Documents that hold edges which somebody else counted; each needs its own queries. */
export type RelationSchema = Common & {
  kind: 'relations';
  read(
    search: Search,
    query: { service: string; range: Range; resolve: Resolve },
  ): Promise<Relation[]>;
};

export type TopologySchema = SpanSchema | LogSchema | RelationSchema;
