import type { ChainEdge } from '../../domain/service-chain';
import type { Call } from './call';
import { keyOf } from './key-of';

/** Calls → edges; `scale` is the mean weight of its calls. Errors are null where no call of the edge shows whether it failed; systems are those of any call. */
export function countEdges(calls: readonly Call[], weightOf: (call: Call) => number): ChainEdge[] {
  const edges = new Map<string, ChainEdge>();
  const systems = new Map<string, Set<string>>();
  for (const call of calls) {
    const { caller, callee, via, failed, system } = call;
    const key = keyOf(caller, callee, via);
    const edge = edges.get(key) ?? { caller, callee, via, calls: 0, errors: null, scale: 1 };
    const errors = failed === null ? edge.errors : (edge.errors ?? 0) + (failed ? 1 : 0);
    const scale = edge.scale + (weightOf(call) - edge.scale) / (edge.calls + 1);
    edges.set(key, { ...edge, calls: edge.calls + 1, errors, scale });
    if (system !== undefined) systems.set(key, (systems.get(key) ?? new Set()).add(system));
  }
  return [...edges].map(([key, edge]) => {
    const named = systems.get(key);
    return named === undefined ? edge : { ...edge, systems: [...named].sort() };
  });
}

/** When each edge was last seen, epoch milliseconds. */
export function lastSeen(calls: readonly Call[]): Map<string, number> {
  const seen = new Map<string, number>();
  for (const { caller, callee, at } of calls) {
    if (at === null) continue;
    const key = keyOf(caller, callee);
    seen.set(key, Math.max(at, seen.get(key) ?? at));
  }
  return seen;
}

/** Busiest first, then by name: the same facts give the same document. */
export const byTraffic = (a: ChainEdge, b: ChainEdge): number =>
  b.calls * b.scale - a.calls * a.scale ||
  compare(a.caller, b.caller) ||
  compare(a.callee, b.callee) ||
  compare(a.via, b.via);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
