import type { ServiceChain } from '../../domain/service-chain';

/** Chains change with deployments; a retry or a second preparation within minutes reads the same traces again. */
const KEPT_MS = 5 * 60_000;
/** What is missing may be there in a minute. */
const KEPT_PARTIAL_MS = 60_000;
/** A chain is at most some hundred kilobytes. */
const MAX_KEPT = 100;

export type ChainCache = ReturnType<typeof createChainCache>;

/**
 * Keeps the chains that were read last, by service and by the window's end floored to 5 minutes; where they are read
 * from is the same for a whole process.
 */
export function createChainCache(clock: () => number = Date.now) {
  const kept = new Map<string, { until: number; chain: ServiceChain }>();
  const keyOf = (service: string, now: string): string =>
    JSON.stringify([service, Math.floor(Date.parse(now) / KEPT_MS)]);
  return {
    get(service: string, now: string): ServiceChain | undefined {
      const found = kept.get(keyOf(service, now));
      return found !== undefined && found.until > clock() ? found.chain : undefined;
    },
    put(service: string, now: string, chain: ServiceChain): void {
      const length = chain.status === 'ok' ? KEPT_MS : KEPT_PARTIAL_MS;
      if (kept.size >= MAX_KEPT) kept.delete([...kept.keys()][0] ?? '');
      kept.set(keyOf(service, now), { until: clock() + length, chain });
    },
  };
}
