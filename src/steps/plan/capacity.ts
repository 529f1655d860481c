import type { Host } from '../../domain/host';

/** Below this share of hosts with a known load, a mean of them says nothing about the fleet. */
const MIN_KNOWN_SHARE = 0.5;

/**
 * How many hosts may be out at once, so that the rest carries the whole load within `headroom`: with n serving hosts
 * at mean CPU load m, s hosts out leave m·n/(n−s) on each other. At least one, or no release could ever begin.
 */
export function hostsOutAtOnce(
  serving: readonly Host[],
  headroom: number,
): { hosts: number; note: string } {
  const loads = serving.flatMap(({ load }) => load?.cpu ?? []);
  const total = serving.length;
  if (total < 2 || loads.length < total * MIN_KNOWN_SHARE) {
    const why = total < 2 ? 'no other host serves' : 'the load of most hosts is not known';
    return { hosts: Infinity, note: `capacity is not checked: ${why}` };
  }
  const mean = loads.reduce((sum, load) => sum + load, 0) / loads.length;
  const spare = Math.floor(total * (1 - mean / headroom) + ROUNDING);
  const at = `at a mean CPU load of ${percent(mean)} and ${percent(headroom)} headroom`;
  return spare < 1
    ? {
        hosts: 1,
        note: `no capacity to spare ${at}: one host at a time, and even that overloads the rest`,
      }
    : { hosts: spare, note: `the rest carries the load of ${spare} hosts ${at}` };
}

/** 7 · (1 − 0.4/0.8) is 3.5, but sums of floating point loads may fall a hair below a whole number. */
const ROUNDING = 1e-9;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
