import type { Host } from '../../domain/host';

/** Below this share of hosts with a known load, their mean does not represent the fleet. */
const MIN_KNOWN_SHARE = 0.5;

/**
 * How many hosts can be out at once, so that the remaining ones carry the whole load within `headroom`: with n serving
 * hosts at mean CPU load m, s hosts out leave m·n/(n−s) on each other one. At least one, or no release could begin.
 */
export function hostsOutAtOnce(
  serving: readonly Host[],
  headroom: number,
): { hosts: number; note: string } {
  const loads = serving.flatMap(({ load }) => load?.cpu ?? []);
  const total = serving.length;
  if (total < 2 || loads.length < total * MIN_KNOWN_SHARE) {
    const why = total < 2 ? 'no other host serves requests' : 'the load of most hosts is not known';
    return {
      hosts: Infinity,
      note: `it is not known whether the remaining hosts can carry the load: ${why}`,
    };
  }
  const mean = loads.reduce((sum, load) => sum + load, 0) / loads.length;
  const spare = Math.floor(total * (1 - mean / headroom) + ROUNDING);
  const at = `at a mean CPU load of ${percent(mean)} and ${percent(headroom)} headroom`;
  return spare < 1
    ? {
        hosts: 1,
        note: `one host at a time: even without one host the remaining ones are overloaded ${at}`,
      }
    : {
        hosts: spare,
        note: `the remaining hosts can carry the load of ${spare} ${spare === 1 ? 'host' : 'hosts'} ${at}`,
      };
}

/** 7 · (1 − 0.4/0.8) is 3.5, but sums of floating point loads may fall a hair below a whole number. */
const ROUNDING = 1e-9;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
