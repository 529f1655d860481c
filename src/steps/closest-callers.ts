import type { ServiceChain } from '../domain/service-chain';

/** Each costs a question to Prometheus and two rules. */
const MAX_CALLERS = 3;

/** Who calls the service itself, the most calls first: a release that breaks something is felt there. */
export function closestCallers(chain: ServiceChain | null): string[] {
  if (chain === null) return [];
  const direct = new Set(
    chain.upstream.filter(({ hops }) => hops === 1).map(({ service }) => service),
  );
  const calls = new Map<string, number>();
  for (const { caller, callee, calls: counted, scale } of chain.edges) {
    if (callee !== chain.service || !direct.has(caller)) continue;
    calls.set(caller, (calls.get(caller) ?? 0) + counted * scale);
  }
  return [...direct]
    .sort((a, b) => (calls.get(b) ?? 0) - (calls.get(a) ?? 0) || (a < b ? -1 : 1))
    .slice(0, MAX_CALLERS);
}
