import { z } from 'zod';
import type { MetricOutcome, MetricSelection } from '../domain/metrics';
import { STEP } from '../domain/names';
import type { Reasoning } from '../domain/step-result';
import { SET_THRESHOLDS } from '../prompts/set-thresholds';
import { groupsOf } from '../steps/knowledge/metric-groups';
import { hostsWith } from '../steps/metrics/host-labels';
import type { Measured } from '../steps/metric-analysis/measured-rule';
import {
  planBacktest,
  withLevels,
  type Levelled,
  type PlanLevels,
} from '../steps/metric-analysis/levelled-rules';
import { withoutRepeatedStreams } from '../steps/metric-analysis/repeated-streams';
import { watchedGroups, type ReleaseContext } from '../steps/metric-analysis/watched-groups';
import { mergedReasoning, metricWarnings } from '../steps/metric-analysis/metric-warnings';
import { releaseSeconds } from '../steps/release-plan/release-duration';
import { serviceKind } from '../steps/knowledge/service-kind';
import { groupsBeside } from '../steps/metrics/related-metrics';
import { acceptThresholdProposal, ruleId } from '../steps/metric-analysis/threshold-proposal';
import { askModel, fallbackWarnings } from './model/ask-model';
import { timestamp } from './runtime/clock';
import type { Deps } from './runtime/activity-deps';
import { withHeartbeat } from './runtime/heartbeat';
import { knownHosts } from './measure/known-hosts';
import { measureRules } from './measure/measure-rules';
import { measureTraffic } from './measure/measure-traffic';
import { withRelativeRules } from './measure/canary-ratios';

const Proposal = z.strictObject({
  rules: z.array(z.strictObject({ id: z.string(), threshold: z.number() })),
});

type ThresholdDeps = Pick<Deps, 'prometheus' | 'knowledge' | 'model'> &
  Partial<Pick<Deps, 'releaseSystem'>>;

/** A rule for each chosen metric, with a threshold from its history, back-tested on that history. */
export function setThresholds(
  deps: ThresholdDeps,
  { selection, now: at }: { selection: MetricSelection; now: string },
): Promise<MetricOutcome> {
  const now = Math.floor(Date.parse(at) / 1000);
  return withHeartbeat(async (signal) => {
    const { service, metrics } = selection;
    const { knowledge, prometheus } = deps;
    const hosts = await knownHosts(deps, service, signal);
    const detectedKind = serviceKind({ service, metrics }, knowledge);
    const release = {
      start: now,
      seconds: releaseSeconds({ service, detectedKind, hosts }, knowledge),
    };
    const known = groupsOf(detectedKind.kind, knowledge);
    const parts = [
      { part: selection, groups: known },
      ...(selection.sides ?? []).map((part) => ({
        ...{ part, beside: part.beside },
        groups: groupsBeside(part, knowledge),
      })),
    ];
    const measured = await Promise.all(
      parts.map(async ({ part, groups, ...whose }) => {
        const rules = await measureRules(prometheus, part, groups, { now, signal });
        return rules.map((rule): Measured => ({ ...rule, ...whose }));
      }),
    );
    const plan = withLevels(withoutRepeatedStreams(measured.flat()), release);
    const context = { prometheus, hosts, release, now, signal };
    const related = await withRelativeRules(context, plan.levelled);
    const proposed = await proposedLevels(deps, selection, related);
    const levels = { ...plan, levelled: proposed.rules };
    const outcome = outcomeOf(selection, levels, { release, hosts }, proposed.reasoning);
    const own = outcome.result.details.metrics.filter(({ beside }) => beside === undefined);
    const watched = { groups: own, scope: selection.scope };
    return { ...outcome, traffic: await measureTraffic(deps, watched, now, signal) };
  });
}

function outcomeOf(
  selection: MetricSelection,
  levels: PlanLevels,
  facts: ReleaseContext,
  levelReasoning: Reasoning,
): Omit<MetricOutcome, 'traffic'> {
  const { service, scope, catalogueSize } = selection;
  const { groups, hostSets } = watchedGroups(selection, levels.levelled, facts);
  const reasoning = mergedReasoning(selection.reasoning, levelReasoning);
  const backtest = planBacktest(levels, facts.release);
  const omissions = {
    hosts: facts.hosts.length,
    unseen: !hostSets.some((set) => hostsWith(set, facts.hosts).length > 0),
    unlevelled: levels.unlevelled,
    backtest,
  };
  const warnings = [
    ...metricWarnings(selection, groups, omissions),
    ...fallbackWarnings(STEP.metricAnalysis, reasoning),
  ];
  return {
    warnings,
    result: {
      step_name: STEP.metricAnalysis,
      status: warnings.length > 0 ? 'warning' : 'success',
      summary: `${groups.length} group metrics identified with thresholds${evidenceOf(scope)}`,
      details: {
        metrics: groups,
        service,
        scope,
        catalogue_size: catalogueSize,
        ...(backtest && { backtest }),
        ...(hostSets.length > 0 && { host_sets: hostSets }),
        ...(selection.unwatched && { unwatched: selection.unwatched }),
        reasoning,
      },
      timestamp: timestamp(),
    },
  };
}

/** How the service was found, if that is uncertain. */
function evidenceOf(scope: MetricSelection['scope']): string {
  if (scope.kind !== 'prefix') return '';
  return ` (found by metric names that start with ${scope.prefix})`;
}

/** A model that failed in the choice of metrics is not used again, so that a release does not wait for it twice. */
async function proposedLevels(
  deps: Pick<Deps, 'model'>,
  { service, groups, sides = [], reasoning }: MetricSelection,
  rules: Levelled[],
): Promise<{ rules: Levelled[]; reasoning: Reasoning }> {
  const all = [...groups, ...sides.flatMap((side) => side.groups)];
  if (rules.length === 0 || reasoning.fallback_reason !== undefined) {
    return { rules, reasoning: { mode: 'knowledge' } };
  }
  const asked = await askModel(deps, {
    name: 'metric_thresholds',
    schema: Proposal,
    ...SET_THRESHOLDS,
    facts: { service, rules: rules.map((rule, index) => levelFacts(rule, index, all)) },
  });
  if (asked.value === null) return { rules, reasoning: asked.reasoning };
  return { rules: acceptThresholdProposal(asked.value, rules), reasoning: asked.reasoning };
}

function levelFacts(
  { group, candidate, form, level, baseline }: Levelled,
  index: number,
  groups: MetricSelection['groups'],
) {
  const { op, unit, min = null, max = null } = form.level;
  const { p50, p95, p99, max: highest, samples } = baseline;
  return {
    id: ruleId(index),
    group,
    risks: groups.find(({ name }) => name === group)?.watches ?? [],
    metric: candidate,
    fires: op === '>' ? 'above' : 'below',
    unit,
    threshold: level.threshold,
    bounds: { min, max },
    lately: { samples, p50, p95, p99, max: highest },
  };
}
