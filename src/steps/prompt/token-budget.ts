/** Most tokens for a preparation, whatever is configured. */
export const MAX_RUN_TOKENS = 60_000;

/**
 * Shares of a run's tokens, which add up to one: the activities run in parallel on any worker, so none of them can know
 * what another has spent.
 */
const SHARE: Readonly<Record<string, number>> = {
  predictRisks: 0.25,
  selectMetrics: 0.35,
  setThresholds: 0.2,
  planGrayStrategy: 0.1,
};
/** Activities that are not in the table share the rest. */
const OTHERS = 0.1;

/** The tokens that all attempts of an activity may spend together. */
export const shareOf = (activity: string, runTokens: number): number =>
  Math.floor(Math.min(runTokens, MAX_RUN_TOKENS) * (SHARE[activity] ?? OTHERS));

export type RetryFacts = {
  permanent: boolean;
  /** The delay that the server asked for. */
  retryAfterMs: number | undefined;
  /** Whether this attempt already retried. */
  triedAgain: boolean;
  /** Of the activity, from 1. */
  attempt: number;
  /** Since the attempt started: what would be done again. */
  elapsedMs: number;
  /** Until the activity's whole budget of time ends; undefined outside Temporal. */
  remainingMs: number | undefined;
};
export type RetryDecision =
  { kind: 'now'; delayMs: number } | { kind: 'later'; delayMs: number } | { kind: 'never' };

const PASSING_FAULT_MS = 500;
const MAX_WAIT_HERE_MS = 3_000;
const MAX_WAIT_MS = 60_000;
const MAX_ATTEMPTS = 3;
/** Repeating longer work costs the upstreams more than the model's help is worth. */
const MAX_REDONE_MS = 20_000;
/** Time that an attempt after the wait needs for the request and the decision. */
const ROOM_MS = 60_000;

/**
 * How to wait for a model that may recover: this attempt waits once and briefly; Temporal waits if the server asked for
 * a longer delay that the step has time for; otherwise the knowledge base decides at once.
 */
export function retryDecision(facts: RetryFacts): RetryDecision {
  const { permanent, retryAfterMs, triedAgain, attempt, elapsedMs, remainingMs } = facts;
  if (permanent) return { kind: 'never' };
  const delayMs = retryAfterMs ?? PASSING_FAULT_MS;
  if (!triedAgain && delayMs <= MAX_WAIT_HERE_MS) return { kind: 'now', delayMs };
  const worthIt =
    retryAfterMs !== undefined &&
    delayMs <= MAX_WAIT_MS &&
    attempt < MAX_ATTEMPTS &&
    elapsedMs <= MAX_REDONE_MS &&
    remainingMs !== undefined &&
    delayMs + ROOM_MS <= remainingMs;
  return worthIt ? { kind: 'later', delayMs } : { kind: 'never' };
}
