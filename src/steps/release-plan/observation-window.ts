/** The probabilities of a false alarm (alpha) and of detecting a fault (power) in one window. */
export type TestStrength = { alpha: number; power: number };
export const STRENGTH: TestStrength = { alpha: 0.01, power: 0.9 };

/** Two shares that need more failures than this in one window are too close to be distinguished in any release. */
const MAX_FAILURES = 2_000;

/**
 * The fewest requests after which an exact one-sided binomial test distinguishes a share of failures `faulty` from `calm`:
 * some critical count c has P(X >= c | calm) <= alpha and P(X >= c | faulty) >= power. Infinity when they are too
 * close. Source: the exact single-proportion sample size (Fleiss, Levin, Paik: Statistical Methods for Rates and
 * Proportions, 3rd edition, chapter 2; A'Hern, Statistics in Medicine 2001, for the exact search). 0.1 % against
 * 1 % at alpha 1 % and power 90 % needs 667.
 */
export function requestsToTell(calm: number, faulty: number, strength = STRENGTH): number {
  if (!(faulty > calm) || faulty <= 0) return Infinity;
  if (faulty >= 1) return 1;
  // Fewest requests that reach the power grow with c more slowly than those that alpha allows: the first c that fits.
  let [low, high] = [0, 1];
  while (!fits(high, calm, faulty, strength)) {
    low = high;
    high *= 2;
    if (high > MAX_FAILURES) return Infinity;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle, calm, faulty, strength)) high = middle;
    else low = middle;
  }
  return fewestFor(high, faulty, strength.power);
}

const fits = (c: number, calm: number, faulty: number, { alpha, power }: TestStrength): boolean =>
  tail(fewestFor(c, faulty, power), calm, c) <= alpha;

/** The fewest requests of which at least `c` fail with probability `power`, when each fails with probability `share`. */
function fewestFor(c: number, share: number, power: number): number {
  let high = Math.max(c, Math.ceil((c + 1) / share));
  while (tail(high, share, c) < power) high *= 2;
  let low = c - 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (tail(middle, share, c) >= power) high = middle;
    else low = middle;
  }
  return high;
}

/** P(X >= c) of n independent requests that each fail with probability p. */
export function tail(n: number, p: number, c: number): number {
  if (c <= 0) return 1;
  if (c > n || p <= 0) return 0;
  if (p >= 1) return 1;
  const odds = Math.log(p) - Math.log1p(-p);
  let logMass = n * Math.log1p(-p);
  let below = Math.exp(logMass);
  for (let k = 1; k < c; k += 1) {
    logMass += Math.log((n - k + 1) / k) + odds;
    below += Math.exp(logMass);
  }
  return Math.max(0, 1 - below);
}

/** Requests per second of the whole service by hour of the week, Monday 00:00 UTC first; 168 values. */
export type WeeklyTraffic = readonly number[];

const HOUR = 3600;
const WEEK_HOURS = 168;
/** 1970-01-01 was a Thursday: Monday 00:00 lies 72 hours before the fourth day. */
const MONDAY_OFFSET_HOURS = 72;

const hourOfWeek = (seconds: number): number =>
  (Math.floor(seconds / HOUR) + MONDAY_OFFSET_HOURS) % WEEK_HOURS;

/** Requests that `share` of the service gets from `from` (Unix seconds) on, for so many seconds. */
export function requestsWithin(
  traffic: WeeklyTraffic,
  share: number,
  from: number,
  seconds: number,
): number {
  let requests = 0;
  for (let at = from; at < from + seconds;) {
    const until = Math.min(from + seconds, (Math.floor(at / HOUR) + 1) * HOUR);
    requests += (traffic[hourOfWeek(at)] ?? 0) * share * (until - at);
    at = until;
  }
  return requests;
}

/** Seconds from `from` (Unix seconds) until `share` of the service got so many requests; Infinity after `limit`. */
export function secondsUntil(
  requests: number,
  traffic: WeeklyTraffic,
  share: number,
  from: number,
  limit: number,
): number {
  let left = requests;
  for (let at = from; at < from + limit;) {
    const rate = (traffic[hourOfWeek(at)] ?? 0) * share;
    const until = Math.min(from + limit, (Math.floor(at / HOUR) + 1) * HOUR);
    if (rate * (until - at) >= left) return Math.ceil(at - from + left / rate);
    left -= rate * (until - at);
    at = until;
  }
  return Infinity;
}
