const MINUTE_MS = 60_000;

export type RateWindow = {
  /** Milliseconds until a request of this cost stays within the rate; 0: now. */
  waitFor(cost: number): number;
  /** Takes part of the rate now; the answer corrects the cost when it is known. */
  book(cost: number): (cost: number) => void;
};

type Booked = { at: number; cost: number };

/**
 * At most so many requests and tokens in any 60 seconds. A request that alone costs more than a minute's
 * tokens runs after a minute without other requests; otherwise it could never run.
 */
export function createRateWindow(
  { requests = Infinity, tokens = Infinity }: { requests?: number; tokens?: number },
  clock: () => number = Date.now,
): RateWindow {
  let booked: Booked[] = [];
  const current = (now: number) => (booked = booked.filter(({ at }) => at > now - MINUTE_MS));

  return {
    waitFor(cost) {
      const now = clock();
      let count = current(now).length;
      let sum = booked.reduce((total, one) => total + one.cost, 0);
      let until = now;
      // Remove the oldest first.
      for (const { at, cost: freed } of booked) {
        if (count < requests && sum + cost <= tokens) break;
        count -= 1;
        sum -= freed;
        until = at + MINUTE_MS;
      }
      return until - now;
    },
    book(cost) {
      const entry = { at: clock(), cost };
      booked.push(entry);
      return (real) => (entry.cost = real);
    },
  };
}
