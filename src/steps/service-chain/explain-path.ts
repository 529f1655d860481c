import type { Causes } from './reachable-services';
import type { Place } from './call';

/** One work on the way; `guessed`: a message led there that does not say who wrote it. */
export type PathStep = { place: Place; guessed: boolean };

/** The shortest way along causes from work of one service to work of another; null where nothing shows one. */
export function explainPath(from: string, to: string, causes: Causes): PathStep[] | null {
  const next = nextOf(causes);
  const before = new Map<Place, PathStep | null>();
  let frontier = [...next.keys()].filter(({ service }) => service === from);
  for (const place of frontier) before.set(place, null);
  while (frontier.length > 0) {
    const beyond: Place[] = [];
    for (const place of frontier) {
      if (place.service === to) return pathTo(place, before);
      for (const { place: far, guessed } of next.get(place) ?? []) {
        if (before.has(far)) continue;
        before.set(far, { place, guessed });
        beyond.push(far);
      }
    }
    frontier = beyond;
  }
  return null;
}

function nextOf({ steps, exchanges }: Causes): Map<Place, PathStep[]> {
  const next = new Map<Place, PathStep[]>();
  const add = (from: Place, step: PathStep): void => {
    const known = next.get(from);
    if (known === undefined) next.set(from, [step]);
    else known.push(step);
  };
  for (const { from, to } of steps) add(from, { place: to, guessed: false });
  for (const { writers, readers } of exchanges) {
    // Any of them shows as much as another.
    const [reader] = readers;
    if (reader === undefined) continue;
    for (const writer of new Set(writers)) add(writer, { place: reader, guessed: true });
  }
  return next;
}

function pathTo(end: Place, before: ReadonlyMap<Place, PathStep | null>): PathStep[] {
  const path: PathStep[] = [];
  for (let place: Place | undefined = end; place !== undefined;) {
    const step: PathStep | null = before.get(place) ?? null;
    path.unshift({ place, guessed: step?.guessed ?? false });
    place = step?.place;
  }
  return path;
}
