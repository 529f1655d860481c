import type { ServiceChain } from '../../domain/service-chain';

/** Each costs a query to Prometheus and two rules. */
const MAX_CALLERS = 3;
const MAX_CALLEES = 2;

/** Direct callers of the service, the most calls first: they see what a release breaks. */
export function closestCallers(chain: ServiceChain | null): string[] {
  if (chain === null) return [];
  const { service, edges, upstream } = chain;
  const calls = edges.filter(({ callee }) => callee === service);
  return busiest(
    upstream,
    calls.map((edge) => ({ ...edge, near: edge.caller })),
  ).slice(0, MAX_CALLERS);
}

/** Services that it calls directly, the most calls first: a release may increase their load. */
export function closestCallees(chain: ServiceChain | null): string[] {
  if (chain === null) return [];
  const { service, edges, downstream, nodes } = chain;
  const services = new Set(nodes.filter(({ kind }) => kind === 'service').map(({ id }) => id));
  const calls = edges.filter(({ caller }) => caller === service);
  return busiest(
    downstream.filter((member) => services.has(member.service)),
    calls.map((edge) => ({ ...edge, near: edge.callee })),
  ).slice(0, MAX_CALLEES);
}

type Call = ServiceChain['edges'][number] & { near: string };

function busiest(members: ServiceChain['upstream'], edges: readonly Call[]): string[] {
  const direct = new Set(members.filter(({ hops }) => hops === 1).map(({ service }) => service));
  const calls = new Map<string, number>();
  for (const { near, calls: counted, scale } of edges) {
    if (direct.has(near)) calls.set(near, (calls.get(near) ?? 0) + counted * scale);
  }
  return [...direct].sort((a, b) => (calls.get(b) ?? 0) - (calls.get(a) ?? 0) || (a < b ? -1 : 1));
}
