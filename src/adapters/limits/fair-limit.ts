import { createTurns } from './round-robin';
import { recordWait } from '../upstream/upstream-metrics';
import { UpstreamError, type UpstreamName } from '../upstream/upstream-error';
import type { RateWindow } from './rate-window';
import { untilStarted } from './waiting-request';

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

/** Corrects the cost that was booked for a request when the real cost is known. */
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
  const { upstream, keyOf = () => '', rate, maxWaitMs } = options;
  const queue = createQueue(options);
  return async (body, { signal, cost = 0 } = {}) => {
    signal?.throwIfAborted();
    const began = performance.now();
    const key = keyOf();
    const settle = await untilStarted<Settle>((start) => queue.join(key, { cost, start }), {
      ...{ signal, maxWaitMs },
      tooLate: () => tooLate(upstream, maxWaitMs ?? 0, rate?.waitFor(cost) ?? 0),
    });
    recordWait(upstream, began);
    try {
      return await body(settle);
    } finally {
      queue.finish();
    }
  };
}

/** Starts waiting requests, in turn, while fewer than `atOnce` are in flight and the rate allows the next one. */
function createQueue({ atOnce, rate }: Pick<FairLimitOptions, 'atOnce' | 'rate'>) {
  const turns = createTurns<Waiting>();
  let inFlight = 0;
  let timer: NodeJS.Timeout | undefined;

  const startNext = (): void => {
    for (let next = turns.next(); next && inFlight < atOnce; next = turns.next()) {
      const { key, entry } = next;
      const waitMs = rate?.waitFor(entry.cost) ?? 0;
      if (waitMs > 0) {
        clearTimeout(timer);
        timer = setTimeout(startNext, waitMs).unref();
        return;
      }
      turns.take(key);
      inFlight += 1;
      // Booked before the next request is considered.
      entry.start(rate?.book(entry.cost) ?? nothing);
    }
  };
  return {
    /** Returns how to leave the queue; the next request may be able to start then. */
    join(key: string, waiting: Waiting): () => void {
      turns.add(key, waiting);
      startNext();
      return () => {
        turns.remove(key, waiting);
        startNext();
      };
    },
    finish(): void {
      inFlight -= 1;
      startNext();
    },
  };
}

const tooLate = (upstream: UpstreamName, maxWaitMs: number, rateWaitMs: number) =>
  new UpstreamError(
    upstream,
    `no request of this worker could start within ${maxWaitMs / 1000} s (limited by ${upstream === 'model' ? 'LLM_MAX_REQUESTS, LLM_REQUESTS_PER_MINUTE, LLM_TOKENS_PER_MINUTE' : 'its limit of requests'})`,
    {
      retryAfterMs: Math.max(MIN_RETRY_MS, rateWaitMs),
      fault: upstream === 'model' ? 'budget' : undefined,
    },
  );
