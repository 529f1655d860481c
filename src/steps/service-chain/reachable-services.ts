import type { Call } from '../../domain/topology/reading';
import { keyOf } from './span-index';

export type Direction = 'upstream' | 'downstream';
type Place = { trace: string; service: string };

/**
 * Breadth first through places, a place being a service within a trace: a service belongs to the chain because some
 * trace leads to it, and span links and topics lead from trace to trace. The fewest hops over all traces, at most `depth`.
 */
export function reach(
  start: string,
  calls: readonly Call[],
  direction: Direction,
  depth: number,
): Map<string, number> {
  const steps = stepsOf(calls, direction);
  const fewest = new Map<string, number>();
  const seen = new Set<string>();
  let frontier: Place[] = [];
  for (const { from } of steps.values()) {
    if (from.service !== start) continue;
    frontier.push(from);
    seen.add(keyOf(from.trace, start));
  }
  for (let hops = 1; frontier.length > 0 && hops <= depth; hops += 1) {
    const next: Place[] = [];
    for (const place of frontier) {
      for (const to of steps.get(keyOf(place.trace, place.service))?.to ?? []) {
        const key = keyOf(to.trace, to.service);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(to);
        if (to.service !== start && !fewest.has(to.service)) fewest.set(to.service, hops);
      }
    }
    frontier = next;
  }
  return fewest;
}

function stepsOf(calls: readonly Call[], direction: Direction) {
  const steps = new Map<string, { from: Place; to: Place[] }>();
  for (const call of calls) {
    const caller = { trace: call.trace, service: call.caller };
    const callee = { trace: call.into ?? call.trace, service: call.callee };
    const [from, to] = direction === 'downstream' ? [caller, callee] : [callee, caller];
    const key = keyOf(from.trace, from.service);
    const step = steps.get(key) ?? { from, to: [] };
    step.to.push(to);
    steps.set(key, step);
  }
  return steps;
}
