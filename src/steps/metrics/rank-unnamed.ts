import { namespaceOf } from './metric-ownership';

/** A metric that no document names and a pattern matches: `level` and `order` are the place of that pattern in its group. */
export type General = { name: string; level: number; order: number };

/** How many metrics that no document names a group may have, by signal: more where alerts are most common. */
export const MAX_GENERAL = { errors: 3, availability: 3, latency: 2, saturation: 2, traffic: 1 };

/** Words of metrics for the developers of the software, or about the monitoring itself. */
const FOR_DEVELOPERS: ReadonlySet<string> = new Set(
  'debug debugging exporter scrape scraper collector telemetry internal test experimental deprecated sdk'.split(
    ' ',
  ),
);

/**
 * Orders the metrics of a group. Levels take turns (round robin), so that each convention gives one metric before any
 * gives two. Within a level the earlier pattern comes first, then the plainest name: few words, and words that many
 * names of the namespace have. Of metrics whose names differ in one word only, one comes first and the others last.
 */
export function plainestFirst<T extends General>(
  metrics: readonly T[],
  usage: ReadonlyMap<string, number>,
): T[] {
  const sorted = [...metrics].sort((a, b) => plainer(a, b, usage));
  const first: T[] = [];
  const alike: T[] = [];
  for (const metric of sorted)
    (first.some(({ name }) => areAlike(name, metric.name)) ? alike : first).push(metric);
  return roundRobin([...first, ...alike]);
}

const plainer = (a: General, b: General, usage: ReadonlyMap<string, number>): number =>
  a.level - b.level ||
  Number(isForDevelopers(a.name)) - Number(isForDevelopers(b.name)) ||
  a.order - b.order ||
  nameWords(a.name).length - nameWords(b.name).length ||
  centrality(b.name, usage) - centrality(a.name, usage) ||
  (a.name < b.name ? -1 : 1);

/** The first of each level, then the second of each, and so on. */
function roundRobin<T extends General>(metrics: readonly T[]): T[] {
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

const isForDevelopers = (name: string): boolean =>
  nameWords(name).some((word) => FOR_DEVELOPERS.has(word));

const nameWords = (name: string): string[] => name.toLowerCase().split(/[_:.]+/);

/** How many names of a namespace contain each word, by `namespace word`. Frequent words show its subject. */
export function wordUsage(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const namespace = namespaceOf(name);
    for (const word of new Set(nameWords(name).slice(1))) {
      const key = `${namespace} ${word}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

function centrality(name: string, usage: ReadonlyMap<string, number>): number {
  const namespace = namespaceOf(name);
  const words = nameWords(name).slice(1);
  const sum = words.reduce(
    (total, word) => total + Math.log1p(usage.get(`${namespace} ${word}`) ?? 0),
    0,
  );
  return sum / Math.max(1, words.length);
}

/** Whether two names of at least four words differ in exactly one word. */
function areAlike(one: string, other: string): boolean {
  const [a, b] = [nameWords(one), nameWords(other)];
  if (a.length !== b.length || a.length < 4) return false;
  return a.filter((word, index) => word !== b[index]).length === 1;
}
