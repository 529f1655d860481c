import type { Call } from './reading';
import type { Span } from './span';

/** A call and the caller's span that made it; unanswered spans are those that made none. */
export type Made = { call: Call; by: Span };

/** The call from one span to another; links and topics lead from trace to trace. */
export const callOf = (from: Span, to: Span, via: Call['via'], failed: boolean): Made => ({
  call: {
    caller: from.service,
    callee: to.service,
    via,
    failed,
    trace: from.trace,
    ...(to.trace !== from.trace && { into: to.trace }),
    at: to.start ?? from.start,
  },
  by: from,
});
