import type { Span } from '../../../domain/topology/span';
import type { Call } from '../call';

/** A call, the span that made it, and the callee's span; null where nothing answered. */
export type SpanCall = { call: Call; by: Span; into: Span | null };

/** The call from one span to another; links and topics lead from trace to trace. */
export function callOf(by: Span, into: Span, via: Call['via'], failed: boolean): SpanCall {
  const system = via === 'sync' ? undefined : (by.topic ?? into.topic)?.system;
  const call: Call = {
    caller: by.service,
    callee: into.service,
    via,
    failed,
    ...(system !== undefined && { system }),
    at: into.start ?? by.start,
    traces: [by.trace, into.trace],
  };
  return { call, by, into };
}

/** The call of a span that nothing answered. */
export function unansweredCall(by: Span, callee: string): SpanCall {
  const via = by.kind === 'producer' ? 'async' : 'sync';
  const call: Call = {
    caller: by.service,
    callee,
    via,
    failed: by.failed,
    at: by.start,
    traces: [by.trace],
  };
  return { call, by, into: null };
}
