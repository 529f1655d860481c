import { keyOf } from '../key-of';
import { lengthOf, type NestedCall } from './nest-calls';

/** Fewer calls show nothing about how two durations hang together. */
const MIN_CALLS = 20;
/** A call that waits for another one grows with it, by as much; one that merely runs at the same time does not. */
const MAX_SLOPE = 0.5;
/** Standard errors: the chance that a call that waits is taken for one that does not is at most 1 in 44. */
const SURE = 2;

/**
 * Pairs of services whose calls lie within one another although the outer call does not wait for the inner one: how long
 * it takes does not grow with the other's time. Somebody called both at the same time.
 */
export function concurrentPairs(calls: readonly NestedCall[]): Set<string> {
  const pairs = new Map<string, NestedCall[]>();
  for (const call of calls) {
    const key = pairOf(call);
    const same = pairs.get(key);
    if (same === undefined) pairs.set(key, [call]);
    else same.push(call);
  }
  return new Set(
    [...pairs].filter(([, of]) => of.length >= MIN_CALLS && isConcurrent(of)).map(([key]) => key),
  );
}

export const pairOf = ({ caller, callee }: NestedCall): string =>
  keyOf(caller.service, callee.service);

/** Least squares of the outer duration over the inner ones of its service, with the slope's standard error. */
function isConcurrent(calls: readonly NestedCall[]): boolean {
  const inner = new Map<NestedCall['caller'], number>();
  for (const { caller, callee } of calls)
    inner.set(caller, (inner.get(caller) ?? 0) + lengthOf(callee));
  const points = [...inner].map(([caller, length]) => ({ x: length, y: lengthOf(caller) }));
  const n = points.length;
  if (n < MIN_CALLS) return false;
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / n;
  const [mx, my] = [mean(({ x }) => x), mean(({ y }) => y)];
  const spread = n * mean(({ x }) => (x - mx) ** 2);
  if (spread === 0) return false;
  const slope = (n * mean(({ x, y }) => (x - mx) * (y - my))) / spread;
  const rest = n * mean(({ x, y }) => (y - my - slope * (x - mx)) ** 2);
  const error = Math.sqrt(rest / (n - 2) / spread);
  return slope + SURE * error < MAX_SLOPE;
}
