import type { CatalogueMetric, MetricGroup } from '../../domain/metrics';
import { isRuleable, watchedBy, type SelectionFacts } from './select-groups';

/** What the model answers: opaque ids of the shortlist by group, in order of importance. */
export type MetricProposal = { groups: { name: string; metrics: string[] }[] };

/** The model may add to what the knowledge base chose, up to so many in a group. */
export const MAX_WITH_PROPOSAL = 6;

/** `m1` is the first metric of the shortlist: the model sees and answers ids, so it can invent no name. */
export const idOf = (index: number): string => `m${index + 1}`;

export const metricById = (
  id: string,
  metrics: readonly CatalogueMetric[],
): CatalogueMetric | undefined =>
  /^m[1-9]\d{0,5}$/.test(id) ? metrics[Number(id.slice(1)) - 1] : undefined;

/**
 * Takes of a proposal what is legal: known groups, ids that exist, metrics that a rule can be built for.
 * Nothing that the knowledge base chose is removed; its order may change.
 */
export function acceptMetricProposal(
  proposal: MetricProposal,
  chosen: readonly MetricGroup[],
  facts: SelectionFacts,
): MetricGroup[] {
  return facts.groups.flatMap((known) => {
    const before = chosen.find(({ name }) => name === known.name)?.candidates ?? [];
    const proposed = proposal.groups
      .filter(({ name }) => name === known.name)
      .flatMap(({ metrics }) => metrics)
      .flatMap((id) => metricById(id, facts.shortlist.metrics)?.name ?? [])
      .filter((name) => before.includes(name) || isRuleable(facts, known, name));
    const room = Math.max(0, MAX_WITH_PROPOSAL - before.length);
    const added = new Set([...new Set(proposed)].filter((n) => !before.includes(n)).slice(0, room));
    const order = proposed.filter((name) => before.includes(name) || added.has(name));
    const candidates = [...new Set([...order, ...before])];
    if (candidates.length === 0) return [];
    return [{ name: known.name, candidates, watches: watchedBy(known.name, facts.risks) }];
  });
}
