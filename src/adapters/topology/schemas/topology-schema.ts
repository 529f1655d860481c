import type { estypes } from '@elastic/elasticsearch';
import type { LogEntry, Relation } from '../../../domain/topology/reading';
import type { Span, Topic } from '../../../domain/topology/span';

export type Query = estypes.QueryDslQueryContainer;
/** In order of trust: causal traces with parent links first, then counted relations, then edges inferred from logs. */
export const SCHEMA_IDS = [
  'apm',
  'otel',
  'jaeger',
  'otel-ecs',
  'otel-none',
  'otel-raw',
  'data-prepper',
  'ss4o',
  'zipkin',
  'apm-metrics',
  'skywalking',
  'jaeger-dependencies',
  'zipkin-dependency',
  'data-prepper-map',
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
 * One way of storing a topology. A schema names its indices and fields and maps documents; sampling, paging, bounds,
 * links, topics and joining are shared.
 */
type Common = {
  id: SchemaId;
  /** Default index patterns, without the prefix. */
  indices: string[];
  /** Every text-like field that is queried, sorted or aggregated: one `_field_caps` request decides between the field and its `.keyword`. */
  keywords: string[];
  /** The time field of a document. */
  time: string;
  /** `range` on `time`; absent: a date field, queried by epoch milliseconds. */
  within?(range: Range): Query;
  /** The value of a `max` aggregation on `time` → epoch milliseconds; absent: it already is. */
  newest?(value: number): number;
  /** Matches the documents of one service. */
  about(service: string, resolve: Resolve): Query;
  /** How this schema writes the name of a service (Zipkin lower-cases); absent: as it is. */
  spell?(service: string): string;
};

/** Schemas whose documents belong to traces or requests, which are sampled and then read completely. */
type PerTrace = Common & {
  /** The field of the trace or request id. */
  trace: string;
  /** Requested with `fields`, which follows the mapping, not the form in which the document was written. */
  fields: (string | { field: string; format: string })[];
  /** Documents of an environment or namespace, and those that name none; absent: they cannot be told apart. */
  inPlace?: (place: string, resolve: Resolve) => Query;
  /** Parts of `_source` that `fields` cannot return (lists of objects). */
  source: string[];
};

export type SpanSchema = PerTrace & {
  kind: 'spans';
  /** Spans that link into one of these traces; null if the schema has no links that can be queried. */
  linkedFrom: ((traces: string[], resolve: Resolve) => Query) | null;
  /** Spans that write to or read from one of these topics; null if topics cannot be queried. */
  onTopic: ((topics: Topic[], resolve: Resolve) => Query) | null;
  /** How a span is found by its id and by its parent's; `fields` and `source` are what `toSpan` needs to tell both. */
  identity: {
    service: string;
    fields: string[];
    source: string[];
    withIds: (ids: string[], resolve: Resolve) => Query;
    childrenOf: (ids: string[], resolve: Resolve) => Query;
  };
  /** Null for documents that are not spans. */
  toSpan(hit: Hit): Span | null;
};

export type LogSchema = PerTrace & {
  kind: 'logs';
  toEntry(hit: Hit): LogEntry | null;
};

/** One bounded search: counted, with heartbeats, cancellable; failed shards and timeouts are noted as reasons of `partial`. */
export type Search = (body: estypes.SearchRequest) => Promise<SearchAnswer>;
export type SearchAnswer = {
  hits: (Hit & { sort: unknown[] })[];
  /** Unparsed; the schema parses them with zod. */
  aggregations: unknown;
  /** Set when a bound was reached or the search failed: an empty result then does not mean the last page. */
  refused?: true;
};

/** Schemas whose documents are edges counted by another system; each needs its own queries. */
export type RelationSchema = Common & {
  kind: 'relations';
  read(
    search: Search,
    query: { service: string; range: Range; resolve: Resolve },
  ): Promise<Relation[]>;
};

export type TopologySchema = SpanSchema | LogSchema | RelationSchema;
