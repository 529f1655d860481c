/** The trace and span that a span link points to. */
export type SpanLink = { trace: string; id: string };

/** What a producer writes to or a consumer reads from; the same name of another system is another topic. */
export type Topic = { system: string; name: string };

/** One span in the terms that all schemas share; what joining needs and nothing more. */
export type Span = {
  trace: string;
  id: string;
  parent: string | null;
  service: string;
  /** `deployment.environment`, as far as the span says it. */
  environment?: string;
  /** `service.namespace`, else the namespace of Kubernetes: services of one name can differ in it. */
  namespace?: string;
  /** Set where the span is of another environment than the one asked for: the end of its service's name, ` (staging)`. */
  elsewhere?: string;
  kind: 'client' | 'server' | 'producer' | 'consumer' | 'internal';
  failed: boolean;
  /** Spans of other traces (or of this one) that caused this one without being its parent. */
  links: SpanLink[];
  /** Where a client span says that it calls: a service, a store or a gateway. */
  peer: string | null;
  /** The peer is a store or a broker (db.system and the like): it never reports spans of its own. */
  store: string | null;
  /** Server and database of the store, as `orders-pg:5432/orders`, as far as the span names them. */
  storeAt?: string;
  topic: Topic | null;
  /** Zipkin: the server's half of a call, reported under the id of the client's span. */
  shared: boolean;
  /** Epoch milliseconds with fractions; null where the document has no time. */
  start: number | null;
  end: number | null;
};
