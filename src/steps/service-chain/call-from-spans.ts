import type { Call } from '../../domain/topology/reading';
import type { Span } from '../../domain/topology/span';

/** A call and the caller's span that made it; unanswered spans are those that made none. */
export type Made = { call: Call; by: Span };

/** The call from one span to another; links and topics lead from trace to trace. */
export function callOf(from: Span, to: Span, via: Call['via'], failed: boolean): Made {
  const system = via === 'sync' ? undefined : (from.topic ?? to.topic)?.system;
  const call: Call = {
    caller: from.service,
    callee: to.service,
    via,
    failed,
    trace: from.trace,
    ...(to.trace !== from.trace && { into: to.trace }),
    ...(system !== undefined && { system }),
    at: to.start ?? from.start,
  };
  return { call, by: from };
}
