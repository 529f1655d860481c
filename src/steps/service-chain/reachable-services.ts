import type { Place, Step } from './call';

export type Direction = 'upstream' | 'downstream';

/**
 * The services that `service` reaches through steps, with the fewest hops; at most `depth`. A hop leads from one service
 * to another; a step within a service costs none. Places make it causal: a service is downstream only if work of
 * `service` caused its work, not because both took part in the same trace.
 */
export function reachableServices(
  service: string,
  steps: readonly Step[],
  direction: Direction,
  depth: number,
): Map<string, number> {
  const next = neighbours(steps, direction);
  const fewest = new Map<string, number>();
  const seen = new Set<Place>();
  let frontier = [...next.keys()].filter((place) => place.service === service);
  for (let hops = 0; frontier.length > 0 && hops <= depth; hops += 1) {
    const beyond: Place[] = [];
    // Grows while it is read: steps within a service lead to places of the same number of hops.
    for (const place of frontier) {
      if (seen.has(place)) continue;
      seen.add(place);
      if (place.service !== service && !fewest.has(place.service)) fewest.set(place.service, hops);
      for (const to of next.get(place) ?? []) {
        if (!seen.has(to)) (to.service === place.service ? frontier : beyond).push(to);
      }
    }
    frontier = beyond;
  }
  return fewest;
}

function neighbours(steps: readonly Step[], direction: Direction): Map<Place, Place[]> {
  const next = new Map<Place, Place[]>();
  for (const { from, to } of steps) {
    const [here, there] = direction === 'downstream' ? [from, to] : [to, from];
    const known = next.get(here);
    if (known === undefined) next.set(here, [there]);
    else known.push(there);
  }
  return next;
}
