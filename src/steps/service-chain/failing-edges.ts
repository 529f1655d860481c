import type { ChainEdge, ServiceChain } from '../../domain/service-chain';
import { keyOf } from './key-of';

/** Fewer calls prove nothing: 1 failure of 3 calls is no concern. */
const MIN_CALLS = 20;
/** One or two failed calls may be accidents. */
const MIN_ERRORS = 3;
/** Users and retries tolerate a lower share; from here on a release is judged against a callee that already fails. */
const MIN_SHARE = 0.05;

/** An edge on which calls fail today. `calls` and `errors` are counts of the sample; `share` is their ratio, 0–1. */
export type FailingEdge = {
  caller: string;
  callee: string;
  calls: number;
  errors: number;
  share: number;
  /** The service of the chain is the caller or the callee. */
  direct: boolean;
};

/**
 * The edges of a chain on which at least 5 % of at least 20 calls fail in the window (and at least 3 calls do), those of
 * the service itself first, then the highest share. All ways between two services count together; an edge that was
 * seen only before the window, or whose failures are not known, is not among them.
 */
export function failingEdges(chain: Pick<ServiceChain, 'service' | 'edges'> | null): FailingEdge[] {
  if (chain === null) return [];
  const { service } = chain;
  return [...countedPairs(chain.edges).values()]
    .map(({ caller, callee, calls, errors }): FailingEdge => {
      const direct = caller === service || callee === service;
      return { caller, callee, calls, errors, share: calls === 0 ? 0 : errors / calls, direct };
    })
    .filter((e) => e.calls >= MIN_CALLS && e.errors >= MIN_ERRORS && e.share >= MIN_SHARE)
    .sort(
      (a, b) =>
        Number(b.direct) - Number(a.direct) ||
        b.share - a.share ||
        (keyOf(a.caller, a.callee) < keyOf(b.caller, b.callee) ? -1 : 1),
    );
}

/** `12 of 120 calls from cart to pricing fail (10 %)`. The names are as the traces have them: escape them where they are shown. */
export const failingEdgeText = ({ caller, callee, calls, errors, share }: FailingEdge): string =>
  `${errors} of ${calls} calls from ${caller} to ${callee} fail (${percent(share)})`;

const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

type Pair = { caller: string; callee: string; calls: number; errors: number };

function countedPairs(edges: readonly ChainEdge[]): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const { caller, callee, calls, errors, last_seen } of edges) {
    if (caller === callee || errors === null || last_seen !== undefined) continue;
    const key = keyOf(caller, callee);
    const pair = pairs.get(key) ?? { caller, callee, calls: 0, errors: 0 };
    pair.calls += calls;
    pair.errors += errors;
    pairs.set(key, pair);
  }
  return pairs;
}
