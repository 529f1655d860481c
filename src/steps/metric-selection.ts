import type { MetricGroup, MetricShortlist } from '../domain/metrics';
import { levelFits, type KnownGroup } from './known-groups';
import { ruleForms } from './metric-rules';
import { matches } from './name-pattern';
import { tokensOf } from './metric-shortlist';

/** What the metric step needs of a risk. */
export type RiskToWatch = { type: string; watch: string[]; severity: string };

export const MAX_CANDIDATES = 4;
/** A person reads so many groups; those that watch a risk come before the others. */
export const MAX_GROUPS = 12;

export type SelectionFacts = {
  shortlist: MetricShortlist;
  groups: readonly KnownGroup[];
  /** Of the service's profile: always in. */
  pinned: readonly string[];
  risks: readonly RiskToWatch[];
};

/** The groups that the knowledge base makes of a shortlist: candidates in order of importance, each with a rule. */
export function selectByKnowledge(facts: SelectionFacts): MetricGroup[] {
  const chosen = facts.groups
    .map((group) => ({
      name: group.name,
      candidates: candidatesOf(facts, group),
      watches: watchedBy(group.name, facts.risks),
    }))
    .filter(({ candidates }) => candidates.length > 0);
  return withPinned(withinLimit(chosen), facts);
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

function candidatesOf(facts: SelectionFacts, group: KnownGroup): string[] {
  const { shortlist, pinned } = facts;
  const isPinned = (name: string) =>
    pinned.includes(name) || group.pinned.some((pattern) => matches(pattern, name));
  const fitting = shortlist.metrics
    .filter((metric) => group.levels.some((level) => levelFits(level, metric)))
    .filter(({ name }) => isRuleable(facts, group, name) && !isAtHomeElsewhere(facts, group, name))
    .map(({ name }) => ({ name, pinned: isPinned(name), order: importance(group, name) }))
    .sort(
      (a, b) =>
        Number(b.pinned) - Number(a.pinned) || a.order - b.order || (a.name < b.name ? -1 : 1),
    );
  const limit = Math.max(MAX_CANDIDATES, fitting.filter((metric) => metric.pinned).length);
  return fitting.slice(0, limit).map(({ name }) => name);
}

/** A group that names a metric outright keeps it from groups whose patterns take it in the same form by chance. */
function isAtHomeElsewhere({ groups }: SelectionFacts, group: KnownGroup, name: string): boolean {
  const naming = ({ levels }: KnownGroup) => levels.filter(({ match }) => match.includes(name));
  if (naming(group).length > 0) return false;
  const forms = group.levels
    .filter(({ match }) => match.some((pattern) => matches(pattern, name)))
    .map(({ form }) => form);
  return groups.some((other) => naming(other).some(({ form }) => forms.includes(form)));
}

/** Knowledge documents list levels, and the names of one level, from the most to the least telling. */
function importance(group: KnownGroup, name: string): number {
  const patterns = group.levels.flatMap((level) => level.match);
  return patterns.findIndex((pattern) => matches(pattern, name));
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
