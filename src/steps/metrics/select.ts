import type {
  CatalogueMetric,
  MetricGroup,
  MetricShortlist,
  RuleScope,
} from '../../domain/metrics';
import { levelFits, type KnownGroup } from '../knowledge/metric-groups';
import { ruleForms } from '../rules/rule-forms';
import { familyOf } from './ownership';
import { MAX_GENERAL, plainestFirst, spokenWords, type General } from './rank-unnamed';
import { isPattern, matches } from '../knowledge/glob';
import { tokensOf } from './shortlist';

/** What the metric step needs of a risk. */
export type RiskToWatch = { type: string; watch: string[]; severity: string };

export const MAX_CANDIDATES = 4;
/** A person reads so many groups; those that watch a risk come before the others. */
export const MAX_GROUPS = 12;

export type SelectionFacts = {
  /** A shortlist, or what hosts and neighbours have. */
  shortlist: Pick<MetricShortlist, 'metrics'> & { scope: RuleScope };
  groups: readonly KnownGroup[];
  /** Of the service's profile: always in. */
  pinned: readonly string[];
  risks: readonly RiskToWatch[];
};

/**
 * The groups that the knowledge base makes of a shortlist: candidates in order of importance, each with a rule.
 * Patterns of shared documents add what the nearer documents do not speak of: metrics of other families, and the
 * most telling one for a golden signal that would be missing.
 */
export function selectByKnowledge(facts: SelectionFacts): MetricGroup[] {
  const spoken = spokenWords(facts.shortlist.metrics.map(({ name }) => name));
  const fitting = inClosestGroup(
    facts.groups.map((group) => ({ group, metrics: fittingOf(facts, group) })),
  );
  const settled = settledFamilies(fitting);
  const covered = new Set(
    fitting.flatMap(({ group, metrics }) => (metrics.some(isNamed) ? [group.signal] : [])),
  );
  const chosen = fitting.map(({ group, metrics }) => {
    const spare = settled.size > 0 && !covered.has(group.signal) ? MAX_SPARE : 0;
    const kept = withoutSettled(metrics, settled, spare);
    if (kept.length > 0) covered.add(group.signal);
    return {
      name: group.name,
      candidates: withinGroup(kept, spoken, group.signal),
      watches: watchedBy(group.name, facts.risks),
    };
  });
  return withPinned(withinLimit(chosen.filter(({ candidates }) => candidates.length > 0)), facts);
}

/** A metric that fits a group, and how: `general` when only a pattern of a shared document takes it. */
type Fitting = General & { pinned: boolean; general: boolean; form: string; closeness: number };
type GroupFitting = { group: KnownGroup; metrics: Fitting[] };

const isNamed = ({ general }: Fitting): boolean => !general;

/** So many metrics that no document names stand in for a golden signal that would be missing. */
const MAX_SPARE = 1;

/** Families of metrics that documents name: about those they have said what matters. */
const settledFamilies = (fitting: readonly { metrics: Fitting[] }[]): Set<string> =>
  new Set(
    fitting.flatMap(({ metrics }) => metrics.filter(isNamed).map(({ name }) => familyOf(name))),
  );

function withoutSettled(
  metrics: readonly Fitting[],
  settled: ReadonlySet<string>,
  spare: number,
): Fitting[] {
  const isSettled = ({ general, name }: Fitting) => general && settled.has(familyOf(name));
  const spared = metrics.filter(isSettled).slice(0, spare);
  return metrics.filter((metric) => !isSettled(metric) || metric.pinned || spared.includes(metric));
}

/** Pinned metrics and those that documents name, then the most telling of the others. */
function withinGroup(
  metrics: readonly Fitting[],
  spoken: ReadonlyMap<string, number>,
  signal: KnownGroup['signal'],
): string[] {
  const limit = Math.max(MAX_CANDIDATES, metrics.filter(({ pinned }) => pinned).length);
  const isSettled = ({ pinned, general }: Fitting) => pinned || !general;
  const general = plainestFirst(
    metrics.filter((metric) => !isSettled(metric)),
    spoken,
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

/** Types of the risks that this group would show. */
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

/** A group that names a metric outright keeps it from groups whose patterns take it in the same form by chance. */
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
 * A metric that patterns of several groups take in the same form stands once, where the pattern says most of its name:
 * connections in use among the connections, not among all that is in use.
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

/** Knowledge documents list levels, and the names of one level, from the most to the least telling. */
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

/** A pinned metric that no pattern knows joins the group whose words its name holds, else the first one. */
function withPinned(groups: MetricGroup[], facts: SelectionFacts): MetricGroup[] {
  const homeless = facts.pinned.filter(
    (name) => !groups.some(({ candidates }) => candidates.includes(name)),
  );
  return homeless.reduce((result, name) => {
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
