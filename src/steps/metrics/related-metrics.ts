import type { Knowledge } from '../../domain/knowledge/knowledge';
import type {
  Beside,
  CatalogueMetric,
  MetricGroup,
  SideMetrics,
  SideSelection,
} from '../../domain/metrics';
import { GENERAL_KIND } from '../knowledge/lookup';
import { groupsOf, mergedGroups, type KnownGroup } from '../knowledge/metric-groups';
import { buildCatalogue, type MetricMetadataByName } from './metric-catalogue';
import { ruleForms } from '../rules/rule-forms';
import { selectByKnowledge, type RiskToWatch } from './select-groups';
import { isPattern, matcherOf } from '../knowledge/glob';
import { countedName } from '../rules/expression';

/** Every rule's matcher lists each host; larger fleets need the service's label on their machines' metrics. */
export const MAX_NAMED_HOSTS = 100;
const MAX_SIDE_METRICS = 60;
/** Signals of a machine that a release affects, the first to check first. */
const OF_MACHINES = ['CPU', 'Memory', 'Disk', 'Network'];
/** Signals of a neighbour that show a problem of the service. */
const SYMPTOMS: readonly KnownGroup['signal'][] = ['errors', 'latency'];

/** Most dependencies taken from the profile, which are used when no trace shows the service's calls. */
const MAX_NAMED = 2;
export type Neighbour = { service: string; because: string };

/** The neighbours to read, each once, and their relation to the service. */
export function neighboursOf(
  service: string,
  near: Record<'callers' | 'callees' | 'named', readonly string[]>,
): Neighbour[] {
  const named = near.callees.length > 0 ? [] : near.named.slice(0, MAX_NAMED);
  const all = [
    ...near.callers.map((one) => ({ service: one, because: `calls ${service}` })),
    ...near.callees.map((one) => ({ service: one, because: `${service} calls it` })),
    ...named.map((one) => ({ service: one, because: `the profile of ${service} names it` })),
  ].filter((one) => one.service !== service);
  return all.filter((one, at) => all.findIndex((other) => other.service === one.service) === at);
}

/** The machines' metrics among the names found on the hosts; undefined if all are the service's own. */
export function hostSide(
  { label, hosts }: { label: string; hosts: string[] },
  names: readonly string[],
  facts: MetricMetadataByName,
  { own, knowledge }: { own: ReadonlySet<string>; knowledge: Pick<Knowledge, 'technologies'> },
): SideMetrics | undefined {
  const patterns = machineGroups(knowledge).flatMap(({ levels }) =>
    levels.flatMap(({ match, of = [] }) => [...match, ...of]),
  );
  const isKnown = matcherOf(patterns);
  // Other services on the same machines have metrics too; they are left out.
  const known = names.filter((name) => isKnown(name) && !own.has(name));
  const metrics = buildCatalogue(known, facts).slice(0, MAX_SIDE_METRICS);
  if (metrics.length === 0) return undefined;
  return { beside: { kind: 'hosts', label }, scope: { kind: 'hosts', label, hosts }, metrics };
}

/** One metric per group of a host or neighbour: these give context, the service's own metrics decide. */
export function selectSide(
  side: SideMetrics,
  risks: readonly RiskToWatch[],
  knowledge: Knowledge,
): SideSelection | undefined {
  const known = plainGroups(side, knowledge);
  const metrics = withinLimit(side.metrics, known);
  const shortlist = { ...side, metrics };
  const chosen = selectByKnowledge({ shortlist, groups: known, pinned: [], risks });
  const groups = chosen.map(({ name, candidates, watches }) => ({
    name: nameBeside(name, side.beside),
    candidates: candidates.slice(0, 1),
    watches,
  }));
  if (groups.length === 0) return undefined;
  return { ...side, metrics: neededFor(chosen, shortlist, known), groups };
}

/** Most metrics to choose from, as in the service's own shortlist: selection compares each metric with the others. */
const MAX_COMPARED = 300;

/** Limits a neighbour's metrics: those that documents name come first, then those that patterns match. */
function withinLimit(
  metrics: readonly CatalogueMetric[],
  groups: readonly KnownGroup[],
): CatalogueMetric[] {
  if (metrics.length <= MAX_COMPARED) return [...metrics];
  const patterns = groups.flatMap(({ levels }) =>
    levels.flatMap(({ match, of = [] }) => [...match, ...of]),
  );
  const isNamed = matcherOf(patterns.filter((pattern) => !isPattern(pattern)));
  const isKnown = matcherOf(patterns);
  const known = metrics.filter(({ name }) => isKnown(name));
  const named = known.filter(({ name }) => isNamed(name));
  const others = known.filter(({ name }) => !isNamed(name));
  return [...named, ...others].slice(0, MAX_COMPARED);
}

/** The metrics that rules use; a neighbour may have thousands of others, which must not enter workflow history. */
function neededFor(
  chosen: readonly MetricGroup[],
  { scope, metrics }: SideMetrics,
  known: readonly KnownGroup[],
): CatalogueMetric[] {
  const candidates = new Set(chosen.flatMap((group) => group.candidates.slice(0, 1)));
  const expressions = metrics
    .filter(({ name }) => candidates.has(name))
    .flatMap((metric) => known.flatMap((group) => ruleForms({ metric, scope, metrics }, group)))
    .map(({ expr }) => expr);
  return metrics
    .filter(
      (metric) =>
        candidates.has(metric.name) ||
        expressions.some((expr) => expr.includes(countedName(metric))),
    )
    .slice(0, MAX_SIDE_METRICS);
}

/** The groups of hosts or of a neighbour, with their names in the issue. */
export const groupsBeside = (
  side: Pick<SideMetrics, 'beside' | 'kind'>,
  knowledge: Knowledge,
): KnownGroup[] =>
  plainGroups(side, knowledge).map((group) => ({
    ...group,
    name: nameBeside(group.name, side.beside),
  }));

function plainGroups(
  { beside, kind = GENERAL_KIND }: Pick<SideMetrics, 'beside' | 'kind'>,
  knowledge: Knowledge,
): KnownGroup[] {
  if (beside.kind === 'hosts') return machineGroups(knowledge);
  const groups = groupsOf(kind, knowledge);
  // One group per signal: the first in the technology's own document.
  return SYMPTOMS.flatMap((signal) => groups.find((group) => group.signal === signal) ?? []);
}

const machineGroups = ({ technologies }: Pick<Knowledge, 'technologies'>): KnownGroup[] => {
  const groups = mergedGroups(technologies.filter(({ machine }) => machine));
  return OF_MACHINES.flatMap((name) => groups.find((group) => group.name === name) ?? []);
};

const nameBeside = (name: string, beside: Beside): string =>
  `${name} of ${beside.kind === 'hosts' ? 'the hosts' : beside.service}`;
