import type { Knowledge } from '../domain/knowledge/knowledge';
import type { MetricGroupKnowledge, MetricLevel } from '../domain/knowledge/technology-document';
import type { CatalogueMetric } from '../domain/metrics';
import { GENERAL_KIND, profileOf, technologiesOf } from './knowledge-lookup';
import { matches } from './name-pattern';

/** A level with the document that it came from; `default` is null for a form chosen by type alone. */
export type GroupLevel = Omit<MetricLevel, 'default'> & {
  default: number | null;
  document: string | null;
};
export type KnownGroup = Omit<MetricGroupKnowledge, 'levels'> & { levels: GroupLevel[] };

/**
 * The technology of a service: its profile's, else the one whose own patterns match most of its metrics,
 * else `general`.
 */
export function kindByMetrics(
  service: string,
  metrics: readonly CatalogueMetric[],
  knowledge: Pick<Knowledge, 'services' | 'technologies'>,
): string {
  const profile = profileOf(service, knowledge);
  if (profile) return profile.kind;
  const scored = knowledge.technologies
    .filter(({ id }) => id !== GENERAL_KIND)
    .map(({ id, groups }) => ({ id, score: metrics.filter((m) => matchesAny(m, groups)).length }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  return scored[0]?.id ?? GENERAL_KIND;
}

const matchesAny = (metric: CatalogueMetric, groups: readonly MetricGroupKnowledge[]): boolean =>
  groups.some(({ levels }) => levels.some((level) => levelFits(level, metric)));

/** A metric of unknown type may be anything that its name says. */
export const levelFits = (
  level: Pick<GroupLevel, 'match' | 'types'>,
  { name, type }: CatalogueMetric,
): boolean =>
  (level.types === undefined || type === 'unknown' || level.types.includes(type)) &&
  level.match.some((pattern) => matches(pattern, name));

/** The groups of a kind and of what it extends, its own first; groups of one name are one group. */
export function groupsOf(kind: string, knowledge: Pick<Knowledge, 'technologies'>): KnownGroup[] {
  const groups = new Map<string, KnownGroup>();
  for (const technology of technologiesOf(kind, knowledge)) {
    for (const group of technology.groups) {
      const levels = group.levels.map((level) => ({ ...level, document: technology.id }));
      const known = groups.get(group.name);
      groups.set(group.name, {
        ...(known ?? group),
        words: [...new Set([...(known?.words ?? []), ...group.words])],
        pinned: [...new Set([...(known?.pinned ?? []), ...group.pinned])],
        levels: [...(known?.levels ?? []), ...levels],
      });
    }
  }
  return [...groups.values()];
}
