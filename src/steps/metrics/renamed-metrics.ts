import type { CatalogueMetric } from '../../domain/metrics';

/** Names are similar if they share at least half of their words. */
const MIN_ALIKE = 0.5;
const MAX_SUCCESSORS = 2;

const wordSet = (name: string): Set<string> =>
  new Set(
    name
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter(Boolean),
  );

/** Metrics that may continue one that ended: same type and similar name, the most similar first. */
export function successorsOf(
  { name, type }: CatalogueMetric,
  metrics: readonly CatalogueMetric[],
): CatalogueMetric[] {
  const words = wordSet(name);
  return metrics
    .filter((other) => other.name !== name && other.type === type)
    .map((other) => ({ other, alike: alikeness(words, wordSet(other.name)) }))
    .filter(({ alike }) => alike >= MIN_ALIKE)
    .sort((a, b) => b.alike - a.alike || (a.other.name < b.other.name ? -1 : 1))
    .slice(0, MAX_SUCCESSORS)
    .map(({ other }) => other);
}

/** Words in both, of all words in either (Jaccard). */
function alikeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const both = [...a].filter((word) => b.has(word)).length;
  return both / (a.size + b.size - both);
}
