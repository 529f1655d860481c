import type { ChainEdge, ChainNode, ChainNote, ServiceChain } from '../service-chain';
import type { Span } from './span';

/** One call that some trace (or request) shows. */
export type Call = {
  caller: string;
  callee: string;
  via: ChainEdge['via'];
  /** Null where the documents do not tell. */
  failed: boolean | null;
  /** Trace or request id of the caller: what is reached through a trace was reached within it. */
  trace: string;
  /** The callee's trace where it is another one: span links and topics lead from trace to trace. */
  into?: string;
  /** What carried the message, where a span says it. */
  system?: string;
  /** Epoch milliseconds. */
  at: number | null;
};

/** An edge that somebody else counted. It has no traces: a chain of such edges is reachability, not causality. */
export type Relation = {
  caller: string;
  callee: string;
  calls: number;
  errors: number | null;
  via: ChainEdge['via'];
  /** What the callee is when it is no service: a store, or a gateway of which nobody can tell what is behind. */
  kind?: Exclude<ChainNode['kind'], 'service'>;
  candidates?: string[];
  /** RFC 3339. */
  last_seen?: string;
};

/** One line of a request log, as far as calls can be inferred from it. */
export type LogEntry = {
  /** `request_id`, or `trace_id` where logs carry that. */
  request: string;
  service: string;
  /** Epoch milliseconds with fractions. */
  at: number;
  /** Milliseconds that the request took, of lines that say that it ended. */
  duration: number | null;
  /** Which end of the request the line tells of; `during` for everything else. */
  phase: 'received' | 'ended' | 'during';
  /** Null where the line does not tell. */
  failed: boolean | null;
};

/**
 * What was read of one schema. `earlier`: from before the window, to find rare edges. `traces`: how many were read of
 * how many (both 0 for relations).
 */
export type Reading = {
  schema: string;
  earlier: boolean;
  traces: ServiceChain['source']['traces'];
} & (
  | { kind: 'spans'; spans: Span[] }
  | { kind: 'relations'; relations: Relation[] }
  | { kind: 'logs'; entries: LogEntry[] }
);

/**
 * What a topology hands to the step. The first reading counts calls; the others only add edges that it lacks, so that
 * traffic which was written in two schemas is counted once. Without a reading nothing is known of the service.
 */
export type Traced = {
  readings: Reading[];
  source: Pick<ServiceChain['source'], 'indices' | 'window'>;
  notes: ChainNote[];
};
