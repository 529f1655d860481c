import type { ChainEdge, ChainNode, ChainNote, ServiceChain } from '../service-chain';
import type { Span } from './span';

/** An edge that another system counted. It has no traces: a chain of such edges shows reachability, not causality. */
export type Relation = {
  caller: string;
  callee: string;
  calls: number;
  errors: number | null;
  via: ChainEdge['via'];
  /** What the callee is when it is no service: a store, or a gateway whose callees are not known. */
  kind?: Exclude<ChainNode['kind'], 'service'>;
  candidates?: string[];
  /** RFC 3339. */
  last_seen?: string;
};

/** Calls between two services, an estimate where not all spans were looked at. */
export type Counted = { caller: string; callee: string; calls: number };

/** One line of a request log, as far as calls can be inferred from it. */
export type LogEntry = {
  /** `request_id`, or `trace_id` where logs carry that. */
  request: string;
  service: string;
  /** Epoch milliseconds with fractions. */
  at: number;
  /** Milliseconds that the request took, of lines that report its end. */
  duration: number | null;
  /** Which end of the request the line reports; `during` for everything else. */
  phase: 'received' | 'ended' | 'during';
  /** Null where the line does not show it. */
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
  | {
      kind: 'spans';
      spans: Span[];
      /** The traces of the sample; others were found by links and topics. Absent: all are of the sample. */
      sample?: readonly string[];
      /** Other spans of the first reading's traces, from another schema: no traffic of their own. */
      sameTraces?: true;
      /** Calls to and from the service that the server counted over far more traces than were read. */
      counted?: readonly Counted[];
    }
  | { kind: 'relations'; relations: Relation[] }
  | { kind: 'logs'; entries: LogEntry[] }
);

/**
 * What a topology returns. The first reading counts calls; the others only add edges that it lacks, so that traffic that
 * was written in two schemas is counted once. Without a reading nothing is known about the service.
 */
export type Traced = {
  readings: Reading[];
  source: Pick<ServiceChain['source'], 'indices' | 'window'>;
  notes: ChainNote[];
  /** The environment or namespace asked for; services of others are told apart by it. */
  environment?: string;
};
