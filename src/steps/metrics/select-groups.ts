import type {
  CatalogueMetric,
  MetricGroup,
  MetricShortlist,
  RuleScope,
} from '../../domain/metrics';
import { levelFits, type KnownGroup } from '../knowledge/metric-groups';
import { ruleForms } from '../rules/rule-forms';
import { namespaceOf } from './metric-ownership';
import { MAX_GENERAL, plainestFirst, wordUsage, type General } from './rank-unnamed';
import { isPattern, matches } from '../knowledge/glob';
import { tokensOf } from './shortlist';

/** What the metric step needs of a risk. */
export type RiskToWatch = { type: string; watch: string[]; severity: string };

export const MAX_CANDIDATES = 4;
/** A person reads so many groups. Groups that watch a risk are kept first. */
export const MAX_GROUPS = 12;

export type SelectionFacts = {
  /** The shortlist of the service, or the metrics of its hosts or of a neighbour. */
  shortlist: Pick<MetricShortlist, 'metrics'> & { scope: RuleScope };
  groups: readonly KnownGroup[];
  /** Metrics of the service's profile, which are always chosen. */
  pinned: readonly string[];
  risks: readonly RiskToWatch[];
};

/**
 * The groups that the knowledge base makes of a shortlist: candidates in order of importance, each with a rule.
 * Patterns of shared documents add metrics of namespaces that the closer documents do not mention, and one metric
 * for each golden signal that would otherwise have none.
 */
export function selectByKnowledge(facts: SelectionFacts): MetricGroup[] {
  const usage = wordUsage(facts.shortlist.metrics.map(({ name }) => name));
  const fitting = inClosestGroup(
    facts.groups.map((group) => ({ group, metrics: fittingOf(facts, group) })),
  );
  const chosen = withoutSettled(fitting).map(({ group, metrics }) => ({
    name: group.name,
    candidates: withinGroup(metrics, usage, group.signal),
    watches: watchedBy(group.name, facts.risks),
  }));
  return withPinned(withinLimit(chosen.filter(({ candidates }) => candidates.length > 0)), facts);
}

/** A metric that fits a group, and how: `general` when only a pattern of a shared document matches it. */
type Fitting = General & { pinned: boolean; general: boolean; form: string; closeness: number };
type GroupFitting = { group: KnownGroup; metrics: Fitting[] };

const isNamed = ({ general }: Fitting): boolean => !general;

/** How many metrics that no document names are added for a golden signal that would otherwise have none. */
const MAX_SPARE = 1;

/**
 * Leaves out metrics that only a pattern matches, where a document names other metrics of the same namespace: it has
 * said which ones matter. The first group of a golden signal that would be left without any metric keeps one.
 */
function withoutSettled(fitting: readonly GroupFitting[]): GroupFitting[] {
  const named = fitting.flatMap(({ metrics }) => metrics.filter(isNamed));
  const settled = new Set(named.map(({ name }) => namespaceOf(name)));
  const covered = new Set(
    fitting.filter(({ metrics }) => metrics.some(isNamed)).map(({ group }) => group.signal),
  );
  const result: GroupFitting[] = [];
  for (const { group, metrics } of fitting) {
    const spare = settled.size > 0 && !covered.has(group.signal) ? MAX_SPARE : 0;
    const kept = unsettled(metrics, settled, spare);
    if (kept.length > 0) covered.add(group.signal);
    result.push({ group, metrics: kept });
  }
  return result;
}

function unsettled(
  metrics: readonly Fitting[],
  settled: ReadonlySet<string>,
  spare: number,
): Fitting[] {
  const isSettled = ({ general, name }: Fitting) => general && settled.has(namespaceOf(name));
  const spared = metrics.filter(isSettled).slice(0, spare);
  return metrics.filter((metric) => !isSettled(metric) || metric.pinned || spared.includes(metric));
}

/** Pinned metrics and those that documents name come first, then the best of the others. */
function withinGroup(
  metrics: readonly Fitting[],
  usage: ReadonlyMap<string, number>,
  signal: KnownGroup['signal'],
): string[] {
  const limit = Math.max(MAX_CANDIDATES, metrics.filter(({ pinned }) => pinned).length);
  const isSettled = ({ pinned, general }: Fitting) => pinned || !general;
  const general = plainestFirst(
    metrics.filter((metric) => !isSettled(metric)),
    usage,
  );
  const chosen = [...metrics.filter(isSettled), ...general.slice(0, MAX_GENERAL[signal])];
  return chosen.slice(0, limit).map(({ name }) => name);
}

/** Metrics that a rule can be built for in this group. */
export const isRuleable = ({ shortlist }: SelectionFacts, group: KnownGroup, name: string) => {
  const metric = shortlist.metrics.find((candidate) => candidate.name === name);
  if (!metric) return false;
  const { scope, metrics } = shortlist;
  return ruleForms({ metric, scope, metrics }, group).length > 0;
};

/** Types of the risks that this group watches. */
export const watchedBy = (group: string, risks: readonly RiskToWatch[]): string[] => [
  ...new Set(risks.filter(({ watch }) => watch.includes(group)).map(({ type }) => type)),
];

function fittingOf(facts: SelectionFacts, group: KnownGroup): Fitting[] {
  const { shortlist, pinned } = facts;
  const isPinned = (name: string) =>
    pinned.includes(name) || group.pinned.some((pattern) => matches(pattern, name));
  return shortlist.metrics
    .filter((metric) => group.levels.some((level) => levelFits(level, metric)))
    .filter(({ name }) => isRuleable(facts, group, name) && !isAtHomeElsewhere(facts, group, name))
    .map((metric) => ({
      name: metric.name,
      pinned: isPinned(metric.name),
      ...importance(group, metric),
    }))
    .sort(
      (a, b) =>
        Number(b.pinned) - Number(a.pinned) || a.order - b.order || (a.name < b.name ? -1 : 1),
    );
}

/** A metric that one group names is not taken by a pattern of another group in the same form. */
function isAtHomeElsewhere({ groups }: SelectionFacts, group: KnownGroup, name: string): boolean {
  const naming = ({ levels }: KnownGroup) =>
    levels.filter(({ match }) =>
      match.some((pattern) => !isPattern(pattern) && matches(pattern, name)),
    );
  if (naming(group).length > 0) return false;
  const forms = group.levels
    .filter(({ match }) => match.some((pattern) => matches(pattern, name)))
    .map(({ form }) => form);
  return groups.some((other) => naming(other).some(({ form }) => forms.includes(form)));
}

/**
 * A metric that patterns of several groups match in the same form is kept in one group only: the one whose pattern
 * is the longest. `*_connections_in_use` is a matter of connections, not of everything in use.
 */
function inClosestGroup(fitting: readonly GroupFitting[]): GroupFitting[] {
  const closest = new Map<string, { group: KnownGroup; closeness: number }>();
  const keyOf = ({ name, form }: Fitting) => `${form} ${name}`;
  for (const { group, metrics } of fitting) {
    for (const metric of metrics.filter(({ general }) => general)) {
      const known = closest.get(keyOf(metric))?.closeness ?? -1;
      if (metric.closeness > known)
        closest.set(keyOf(metric), { group, closeness: metric.closeness });
    }
  }
  const staysIn = (group: KnownGroup) => (metric: Fitting) =>
    metric.pinned || !metric.general || closest.get(keyOf(metric))?.group === group;
  return fitting.map(({ group, metrics }) => ({ group, metrics: metrics.filter(staysIn(group)) }));
}

/** Knowledge documents list levels, and the names of one level, from the most to the least important. */
function importance(group: KnownGroup, metric: CatalogueMetric) {
  const patterns = group.levels.flatMap((level, index) =>
    level.match.map((pattern) => ({ pattern, level: index, fits: levelFits(level, metric) })),
  );
  const taking = patterns.flatMap((one, order) =>
    one.fits && matches(one.pattern, metric.name) ? [{ ...one, order }] : [],
  );
  const named = taking.find(({ pattern }) => !isPattern(pattern));
  const { level = 0, order = -1, pattern = '*' } = named ?? taking[0] ?? {};
  const form = group.levels[level]?.form ?? '';
  return { level, order, general: pattern.startsWith('*'), form, closeness: pattern.length };
}

function withinLimit(groups: MetricGroup[]): MetricGroup[] {
  if (groups.length <= MAX_GROUPS) return groups;
  const watching = groups.filter(({ watches }) => watches.length > 0);
  const others = groups.filter(({ watches }) => watches.length === 0);
  const kept = new Set([...watching, ...others].slice(0, MAX_GROUPS));
  return groups.filter((group) => kept.has(group));
}

/** A pinned metric that no pattern matches joins the group that shares most words with its name, else the first group. */
function withPinned(groups: MetricGroup[], facts: SelectionFacts): MetricGroup[] {
  const unplaced = facts.pinned.filter(
    (name) => !groups.some(({ candidates }) => candidates.includes(name)),
  );
  return unplaced.reduce((result, name) => {
    const home = homeOf(name, facts.groups);
    if (!home || !isRuleable(facts, home, name)) return result;
    const known = result.find((group) => group.name === home.name);
    const candidates = [name, ...(known?.candidates ?? [])];
    const group = { name: home.name, candidates, watches: watchedBy(home.name, facts.risks) };
    return known ? result.map((other) => (other === known ? group : other)) : [...result, group];
  }, groups);
}

function homeOf(name: string, groups: readonly KnownGroup[]): KnownGroup | undefined {
  const tokens = new Set(tokensOf(name));
  const shared = (group: KnownGroup) =>
    [group.name, ...group.words].flatMap(tokensOf).filter((word) => tokens.has(word)).length;
  return [...groups].sort((a, b) => shared(b) - shared(a))[0];
}
