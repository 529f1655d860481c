import { setMaxListeners } from 'node:events';
import { createTurns } from './round-robin';
import { recordWait } from '../upstream/upstream-metrics';
import { UpstreamError, type UpstreamName } from '../upstream/upstream-error';
import type { RateWindow } from './rate-window';

export type Turn = {
  signal?: AbortSignal;
  /** Tokens that the request may cost at most; 0 where none are counted. */
  cost?: number;
};
/** Runs `body` when it is the turn of its run. `body` calls `settle` with the real cost of the request. */
export type FairLimit = <Result>(
  body: (settle: Settle) => Promise<Result>,
  turn?: Turn,
) => Promise<Result>;

export type FairLimitOptions = {
  upstream: UpstreamName;
  /** Requests in flight. */
  atOnce: number;
  /** The run that a request belongs to: runs take turns, however many requests each has waiting. */
  keyOf?: () => string;
  /** Requests and tokens a minute. */
  rate?: RateWindow;
  /** A request that would wait longer is refused, with the time after which a retry makes sense. */
  maxWaitMs?: number;
};

type Settle = (cost: number) => void;
type Waiting = { cost: number; start: (settle: Settle) => void };
const nothing: Settle = () => undefined;
/** It is not known when a request in flight ends. */
const MIN_RETRY_MS = 1_000;

/**
 * One worker's share of an upstream. Requests beyond it wait in a queue for each run, and the runs take turns, so that
 * one with a hundred requests delays the others by one request each. A cancelled request leaves the queue with the
 * signal's reason; one refused for `maxWaitMs` is an UpstreamError that may be retried.
 */
export function createFairLimit(options: FairLimitOptions): FairLimit {
  const { upstream, atOnce, keyOf = () => '', rate, maxWaitMs } = options;
  const turns = createTurns<Waiting>();
  let running = 0;
  let timer: NodeJS.Timeout | undefined;

  const pump = (): void => {
    for (let next = turns.next(); next && running < atOnce; next = turns.next()) {
      const { key, entry } = next;
      const waitMs = rate?.waitFor(entry.cost) ?? 0;
      if (waitMs > 0) {
        clearTimeout(timer);
        timer = setTimeout(pump, waitMs).unref();
        return;
      }
      turns.take(key);
      running += 1;
      // Booked before the next request is considered.
      entry.start(rate?.book(entry.cost) ?? nothing);
    }
  };
  const late = (cost: number) =>
    tooLate(upstream, maxWaitMs ?? 0, Math.max(MIN_RETRY_MS, rate?.waitFor(cost) ?? 0));

  const turnOf = (key: string, { signal, cost = 0 }: Turn): Promise<Settle> =>
    new Promise((resolve, reject) => {
      const entry: Waiting = { cost, start: (settle) => end(() => resolve(settle)) };
      const end = (settled: () => void) => {
        clearTimeout(limit);
        signal?.removeEventListener('abort', abort);
        settled();
      };
      const leave = (reason: Error) => {
        turns.remove(key, entry);
        pump();
        end(() => reject(reason));
      };
      // The reason is Temporal's CancelledFailure and must reach it unchanged.
      const abort = () => leave(signal?.reason as Error);
      const limit = maxWaitMs && setTimeout(() => leave(late(cost)), maxWaitMs);
      // A step has many requests under one signal.
      if (signal !== undefined) setMaxListeners(0, signal);
      signal?.addEventListener('abort', abort, { once: true });
      turns.add(key, entry);
      pump();
    });

  return async (body, turn = {}) => {
    turn.signal?.throwIfAborted();
    const began = performance.now();
    const settle = await turnOf(keyOf(), turn);
    recordWait(upstream, began);
    try {
      return await body(settle);
    } finally {
      running -= 1;
      pump();
    }
  };
}

const tooLate = (upstream: UpstreamName, maxWaitMs: number, retryAfterMs: number) =>
  new UpstreamError(
    upstream,
    `no request of this worker could start within ${maxWaitMs / 1000} s (limited by ${upstream === 'model' ? 'LLM_MAX_REQUESTS, LLM_REQUESTS_PER_MINUTE, LLM_TOKENS_PER_MINUTE' : 'its limit of requests'})`,
    { retryAfterMs, fault: upstream === 'model' ? 'budget' : undefined },
  );
