import { setMaxListeners } from 'node:events';

/** Adds a request to a queue, which calls `start` when it is the request's turn. Returns how to leave the queue. */
export type JoinQueue<Granted> = (start: (granted: Granted) => void) => () => void;

export type WaitLimits = {
  signal?: AbortSignal;
  maxWaitMs?: number;
  /** The error of a request that has waited for `maxWaitMs`. */
  tooLate: () => Error;
};

/**
 * Waits in a queue until the request may start. A request whose signal aborts, or that has waited too long, leaves the
 * queue and fails. After any end, no timer and no listener remains.
 */
export const untilStarted = <Granted>(
  join: JoinQueue<Granted>,
  { signal, maxWaitMs, tooLate }: WaitLimits,
): Promise<Granted> =>
  new Promise((resolve, reject) => {
    const stopWaiting = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    };
    const fail = (reason: Error) => {
      stopWaiting();
      leaveQueue();
      reject(reason);
    };
    // The reason is Temporal's CancelledFailure and must reach the caller unchanged.
    const cancel = () => fail(signal?.reason as Error);
    const timer = maxWaitMs && setTimeout(() => fail(tooLate()), maxWaitMs);
    // A step has many requests under one signal.
    if (signal !== undefined) setMaxListeners(0, signal);
    signal?.addEventListener('abort', cancel, { once: true });
    const leaveQueue = join((granted) => {
      stopWaiting();
      resolve(granted);
    });
  });
