import type { Knowledge } from '../../domain/knowledge/knowledge';
import type { MetricGroupKnowledge, MetricLevel } from '../../domain/knowledge/technology-document';
import type { CatalogueMetric } from '../../domain/metrics';
import { GENERAL_KIND, kindOfText, profileOf, technologiesOf } from './lookup';
import { canonical, isPattern, matches } from './glob';

/** A level with the document that it came from; `default` is null for a form chosen by type alone. */
export type GroupLevel = Omit<MetricLevel, 'default'> & {
  default: number | null;
  document: string | null;
};
export type KnownGroup = Omit<MetricGroupKnowledge, 'levels'> & { levels: GroupLevel[] };

/** How many of the metrics that a document names must exist, and which share of them, to identify a technology. */
const MIN_NAMED = 2;
const MIN_SHARE = 0.25;
const LAYERS = ['application', 'convention', 'runtime', 'platform'] as const;

/**
 * The technology of a service: its profile's, else the one in its name that its metrics confirm, else the
 * one of whose own metrics most are there, else `general`. Applications come before conventions (HTTP, gRPC),
 * runtimes and platforms, whose metrics occur with those of many others.
 */
export function kindByMetrics(
  service: string,
  metrics: readonly CatalogueMetric[],
  knowledge: Pick<Knowledge, 'services' | 'technologies'>,
): string {
  const profile = profileOf(service, knowledge);
  if (profile) return profile.kind;
  const present = new Set(metrics.map(({ name }) => canonical(name)));
  const evidence = knowledge.technologies
    .filter(({ id }) => id !== GENERAL_KIND)
    .map((technology) => evidenceOf(technology, present))
    .filter(isEnough)
    .sort((a, b) => a.layer - b.layer || b.score - a.score || (a.id < b.id ? -1 : 1));
  const named = kindOfText(service, knowledge);
  const confirmed = evidence.find(({ id }) => id === named);
  return (confirmed ?? evidence[0])?.id ?? GENERAL_KIND;
}

type Evidence = { id: string; layer: number; found: number; share: number; score: number };

/** A document with more names finds more of them by chance; the share weighs as much as the number. */
function evidenceOf(
  { id, layer, groups }: Knowledge['technologies'][number],
  present: ReadonlySet<string>,
): Evidence {
  const names = groups
    .flatMap(({ levels }) => levels.flatMap(({ match, of = [] }) => [...match, ...of]))
    .filter((pattern) => !isPattern(pattern));
  const distinct = new Set(names.map(canonical));
  const found = [...distinct].filter((name) => present.has(name)).length;
  const share = distinct.size === 0 ? 0 : found / distinct.size;
  return { id, layer: LAYERS.indexOf(layer), found, share, score: share * Math.log1p(found) };
}

const isEnough = ({ layer, found, share }: Evidence): boolean =>
  LAYERS[layer] === 'convention' ? found > 0 : found >= MIN_NAMED && share >= MIN_SHARE;

/** A metric of unknown type may be anything that its name says. */
export const levelFits = (
  level: Pick<GroupLevel, 'match' | 'types'>,
  { name, type }: CatalogueMetric,
): boolean =>
  (level.types === undefined || type === 'unknown' || level.types.includes(type)) &&
  level.match.some((pattern) => matches(pattern, name));

/** The groups of a kind and of what it extends, its own first. */
export const groupsOf = (kind: string, knowledge: Pick<Knowledge, 'technologies'>): KnownGroup[] =>
  mergedGroups(technologiesOf(kind, knowledge));

/** The groups of some documents, those of the first before the others; groups of one name are one group. */
export function mergedGroups(
  technologies: readonly Knowledge['technologies'][number][],
): KnownGroup[] {
  const groups = new Map<string, KnownGroup>();
  for (const technology of technologies) {
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
