/** Most requests for one chain, because the cluster serves other searches too. */
const MAX_REQUESTS = 40;
/** Longest wait for a chain; after it, the data read so far is used as partial. */
const BUDGET_MS = 10_000;

/** What one chain may cost, however many schemas and windows it is read from. */
export type Bounds = {
  /** Counts one request. Returns the reason not to send it once a bound is reached. */
  spend(): { reason: 'requests' | 'budget'; detail: string } | null;
};

export function createBounds(
  { requests = MAX_REQUESTS, budgetMs = BUDGET_MS } = {},
  clock: () => number = Date.now,
): Bounds {
  const until = clock() + budgetMs;
  let spent = 0;
  return {
    spend() {
      if (spent >= requests)
        return { reason: 'requests', detail: `not all was read in ${requests} requests` };
      if (clock() > until)
        return { reason: 'budget', detail: `not all was read in ${budgetMs / 1000} s` };
      spent += 1;
      return null;
    },
  };
}
