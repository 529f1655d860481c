import { z } from 'zod';
import type { MetricGroup, MetricSelection, MetricShortlist } from '../domain/metrics';
import { SELECT_METRICS } from '../prompts/select-metrics';
import { cleanText } from '../steps/text/sanitize-text';
import { groupsOf } from '../steps/knowledge/metric-groups';
import { profileOf } from '../steps/knowledge/lookup';
import { acceptMetricProposal, idOf } from '../steps/metrics/metric-proposal';
import {
  isRuleable,
  selectByKnowledge,
  type RiskToWatch,
  type SelectionFacts,
} from '../steps/metrics/select-groups';
import { serviceKind } from '../steps/knowledge/service-kind';
import { neighboursOf, selectSide } from '../steps/metrics/related-metrics';
import { askModel } from './model/ask-model';
import type { Deps } from './runtime/activity-deps';
import { withHeartbeat } from './runtime/heartbeat';
import { neighbourMetrics, type NeighbourMetrics } from './measure/read-related-metrics';
import { LOOK_BACK_SECONDS } from './shortlist-metrics';

const Proposal = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), metrics: z.array(z.string()) })),
});

export type SelectMetricsArgs = {
  shortlist: MetricShortlist;
  risks: RiskToWatch[] | null;
  /** Who calls the service, the most calls first. */
  neighbours?: string[];
  /** Services that it calls, the most calls first. */
  callees?: string[];
  /** RFC 3339. */
  now?: string;
};

/** Groups of metrics for this release: the knowledge base's, and what the model may add from the shortlist. */
export function selectMetrics(
  deps: Pick<Deps, 'knowledge' | 'model'> & Partial<Pick<Deps, 'prometheus'>>,
  { shortlist, risks, now, ...near }: SelectMetricsArgs,
): Promise<MetricSelection> {
  return withHeartbeat(async (signal) => {
    const { service, scope } = shortlist;
    const pinned = profileOf(service, deps.knowledge)?.pinned_metrics ?? [];
    const metrics = chosenFrom(shortlist, pinned);
    const { kind } = serviceKind({ service, metrics }, deps.knowledge);
    const facts: SelectionFacts = {
      shortlist: { ...shortlist, metrics },
      groups: groupsOf(kind, deps.knowledge),
      pinned,
      risks: risks ?? [],
    };
    const chosen = selectByKnowledge(facts);
    const { value, reasoning } = await askModel(deps, {
      name: 'metric_groups',
      schema: Proposal,
      ...SELECT_METRICS,
      facts: { service, ...choiceFacts(facts, kind, chosen) },
    });
    const { sides, unwatched, missing } = await besideOf(deps, { shortlist, ...near, now }, signal);
    const added = sides.flatMap((side) => selectSide(side, facts.risks, deps.knowledge) ?? []);
    const groups = value === null ? chosen : acceptMetricProposal(value, chosen, facts);
    const names = new Set(groups.flatMap(({ candidates }) => candidates));
    return {
      service,
      scope,
      groups,
      // Denominators are looked up among all of them.
      metrics,
      catalogueSize: shortlist.catalogueSize,
      ...(added.length > 0 && { sides: added }),
      ...(unwatched.length > 0 && { unwatched }),
      ...(missing !== undefined && { unread: missing }),
      reasoning: names.size === 0 ? { ...reasoning, mode: 'knowledge' } : reasoning,
    };
  });
}

/** If no series is known to be the service's own, only the metrics pinned by its profile are used. */
const chosenFrom = ({ scope, metrics }: MetricShortlist, pinned: readonly string[]) =>
  scope.kind === 'none' ? metrics.filter(({ name }) => pinned.includes(name)) : metrics;

/** The metrics of hosts and neighbours: hosts were read with the catalogue, neighbours are known only now. */
async function besideOf(
  { prometheus, knowledge }: Pick<Deps, 'knowledge'> & Partial<Pick<Deps, 'prometheus'>>,
  { shortlist, neighbours: callers = [], callees = [], now }: Omit<SelectMetricsArgs, 'risks'>,
  signal: AbortSignal | undefined,
): Promise<NeighbourMetrics> {
  const hosts = shortlist.sides ?? [];
  const without = shortlist.unwatched ?? [];
  if (prometheus === undefined || now === undefined) return { sides: hosts, unwatched: without };
  const end = Date.parse(now) / 1000;
  const range = { start: end - LOOK_BACK_SECONDS, end };
  const deps = { prometheus, knowledge };
  const { service } = shortlist;
  const profile = profileOf(service, knowledge);
  const neighbours = neighboursOf(service, { callers, callees, named: profile?.depends_on ?? [] });
  const near = await neighbourMetrics(deps, shortlist.scope, neighbours, range, signal);
  return {
    ...near,
    sides: [...hosts, ...near.sides],
    unwatched: [...without, ...near.unwatched],
  };
}

/** The shortlist is ordered by relevance; showing more to the model only costs more. */
const MAX_SHOWN = 80;
/** Most metrics whose help is shown next to the name; help often repeats the name. */
const MAX_HELPED = 20;
const MAX_SHOWN_HELP = 60;

/** What the model may add, by id, name and help: of the most relevant metrics, those that a rule can be built for. */
function offered(facts: SelectionFacts, chosen: MetricGroup[]) {
  const { shortlist, groups } = facts;
  const standing = new Set(chosen.flatMap(({ candidates }) => candidates));
  const offer: string[][] = [];
  for (const [index, { name, help }] of shortlist.metrics.entries()) {
    if (offer.length >= MAX_SHOWN && !standing.has(name)) continue;
    if (standing.has(name) || groups.some((group) => isRuleable(facts, group, name)))
      offer.push([
        idOf(index),
        name,
        ...(offer.length < MAX_HELPED ? [cleanText(help, MAX_SHOWN_HELP)] : []),
      ]);
  }
  return offer;
}

const choiceFacts = (facts: SelectionFacts, kind: string, chosen: MetricGroup[]) => {
  const { shortlist, groups, risks } = facts;
  return {
    kind,
    risks: risks.map(({ type, severity, watch }) => ({ type, severity, watch })),
    groups: groups.map(({ name }) => name),
    chosen: chosen.map(({ name, candidates }) => ({
      name,
      metrics: candidates.map((metric) =>
        idOf(shortlist.metrics.findIndex((m) => m.name === metric)),
      ),
    })),
    metrics: offered(facts, chosen),
  };
};
