import type { ChainEdge } from '../../domain/service-chain';

/**
 * The work of one service for one request, compared by identity: in traces the spans of a service that hang together,
 * in logs one logged call, in relations the service itself.
 */
export type Place = {
  readonly service: string;
  /** Where it is found, if it is of a trace: the first of its spans. */
  readonly trace?: string;
  readonly span?: string;
};

/** `from` caused `to`. Both can belong to the same service. */
export type Step = { from: Place; to: Place };

/**
 * Messages of one topic to one service that do not say who wrote them: each reader read what one of the writers wrote,
 * and each writer's message was read, but which by which is not known. A place is named once for each of its messages.
 */
export type Exchange = { writers: readonly Place[]; readers: readonly Place[] };

/** One call that a trace or a request shows. */
export type Call = {
  caller: string;
  callee: string;
  via: ChainEdge['via'];
  /** Null where the documents do not show it. */
  failed: boolean | null;
  /** What carried the message, where a span names it. */
  system?: string;
  /** Epoch milliseconds. */
  at: number | null;
  /** The traces of both ends, where there are traces. */
  traces?: readonly string[];
};
