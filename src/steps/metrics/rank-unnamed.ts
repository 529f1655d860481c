import { familyOf } from './ownership';

/** A metric that no document names, taken by a pattern: `level` and `order` say by which of its group. */
export type General = { name: string; level: number; order: number };

/** So many metrics that no document names stand in one group: of what alerts are most often written for, more. */
export const MAX_GENERAL = { errors: 3, availability: 3, latency: 2, saturation: 2, traffic: 1 };

/** Words of what is looked at by who works on the software, or tells of the measuring itself. */
const ASIDE: ReadonlySet<string> = new Set(
  'debug debugging exporter scrape scraper collector telemetry internal test experimental deprecated sdk'.split(
    ' ',
  ),
);

/**
 * The most telling of a group first: by turns one of each level, so that each convention speaks once before one
 * speaks twice; within a level those of the earlier pattern, then the plainest name. Of metrics that differ in
 * one word, as failures by kind of data, one stands before all others.
 */
export function plainestFirst<T extends General>(
  metrics: readonly T[],
  spoken: ReadonlyMap<string, number>,
): T[] {
  const sorted = [...metrics].sort((a, b) => plainer(a, b, spoken));
  const first: T[] = [];
  const alike: T[] = [];
  for (const metric of sorted)
    (first.some(({ name }) => areAlike(name, metric.name)) ? alike : first).push(metric);
  return byTurns([...first, ...alike]);
}

const plainer = (a: General, b: General, spoken: ReadonlyMap<string, number>): number =>
  a.level - b.level ||
  Number(isAside(a.name)) - Number(isAside(b.name)) ||
  a.order - b.order ||
  wordsOf(a.name).length - wordsOf(b.name).length ||
  centrality(b.name, spoken) - centrality(a.name, spoken) ||
  (a.name < b.name ? -1 : 1);

/** The first of each level, then the second of each, and so on. */
function byTurns<T extends General>(metrics: readonly T[]): T[] {
  const levels = new Map<number, T[]>();
  for (const metric of metrics) {
    levels.set(metric.level, [...(levels.get(metric.level) ?? []), metric]);
  }
  const turns = [...levels.values()];
  const longest = Math.max(0, ...turns.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) =>
    turns.flatMap((some) => some[turn] ?? []),
  ).flat();
}

const isAside = (name: string): boolean => wordsOf(name).some((word) => ASIDE.has(word));

const wordsOf = (name: string): string[] => name.toLowerCase().split(/[_:.]+/);

/** How often each word stands in the names of a family: what it speaks of most is what it is about. */
export function spokenWords(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const family = familyOf(name);
    for (const word of new Set(wordsOf(name).slice(1))) {
      const key = `${family} ${word}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

function centrality(name: string, spoken: ReadonlyMap<string, number>): number {
  const family = familyOf(name);
  const words = wordsOf(name).slice(1);
  const sum = words.reduce(
    (total, word) => total + Math.log1p(spoken.get(`${family} ${word}`) ?? 0),
    0,
  );
  return sum / Math.max(1, words.length);
}

/** Names of as many words that differ in one of them. */
function areAlike(one: string, other: string): boolean {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  if (a.length !== b.length || a.length < 4) return false;
  return a.filter((word, index) => word !== b[index]).length === 1;
}
