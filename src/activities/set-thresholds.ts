import { z } from 'zod';
import type { MetricOutcome, MetricSelection } from '../domain/metrics';
import { STEP } from '../domain/names';
import type { Reasoning } from '../domain/step-result';
import { groupsOf, kindByMetrics } from '../steps/known-groups';
import {
  mergedReasoning,
  metricWarnings,
  watchedGroups,
  withLevels,
  type Levelled,
} from '../steps/metric-analysis';
import { acceptThresholdProposal, ruleId } from '../steps/threshold-proposal';
import { baselineOf } from '../steps/thresholds';
import { askModel, fallbackWarnings } from './ask-model';
import { timestamp } from './clock';
import type { Deps } from './deps';
import { withPulse } from './heartbeat';
import { measureRules } from './measure-rules';
import { measureTraffic } from './measure-traffic';

/** Three days hold the daily rhythm; at this step a rule costs one range query of 2,160 points. */
const HISTORY_SECONDS = 3 * 24 * 3600;
const STEP_SECONDS = 120;

const Proposal = z.strictObject({
  rules: z.array(z.strictObject({ id: z.string(), threshold: z.number() })),
});
const SYSTEM = `You tighten the alert thresholds by which the release of one service is judged. Each rule has an id,
its level, the direction in which it fires, bounds and how the system ran lately. Answer only the rules whose level
would let real harm to users pass, each with a tighter level that calm times never reach, in the same unit.`;

/** A rule for each chosen metric, with a threshold from how the system really runs, tried on the past. */
export function setThresholds(
  deps: Pick<Deps, 'prometheus' | 'knowledge' | 'model'>,
  { selection, now }: { selection: MetricSelection; now: string },
): Promise<MetricOutcome> {
  const end = Math.floor(Date.parse(now) / 1000 / STEP_SECONDS) * STEP_SECONDS;
  const window = { start: end - HISTORY_SECONDS, end };
  return withPulse(async (signal) => {
    const { service, scope, metrics } = selection;
    const { knowledge, prometheus } = deps;
    const known = groupsOf(kindByMetrics(service, metrics, knowledge), knowledge);
    const options = { window, stepSeconds: STEP_SECONDS, signal };
    const levelled = withLevels(await measureRules(prometheus, selection, known, options));
    const proposed = await proposedLevels(deps, selection, levelled);
    const groups = watchedGroups(selection, proposed.rules, window);
    const reasoning = mergedReasoning(selection.reasoning, proposed.reasoning);
    const warnings = [
      ...metricWarnings(selection, groups),
      ...fallbackWarnings(STEP.metricAnalysis, reasoning),
    ];
    const traffic = await measureTraffic(deps, { groups, scope }, window.end, signal);
    const details = { metrics: groups, service, scope, catalogue_size: selection.catalogueSize };
    return {
      warnings,
      traffic,
      result: {
        step_name: STEP.metricAnalysis,
        status: warnings.length > 0 ? 'warning' : 'success',
        summary: `${groups.length} group metrics identified with thresholds`,
        details: { ...details, reasoning },
        timestamp: timestamp(),
      },
    };
  });
}

/** A model that failed the choice of metrics is not asked again: no release waits for it twice. */
async function proposedLevels(
  deps: Pick<Deps, 'model'>,
  { service, groups, reasoning }: MetricSelection,
  rules: Levelled[],
): Promise<{ rules: Levelled[]; reasoning: Reasoning }> {
  if (rules.length === 0 || reasoning.fallback_reason !== undefined) {
    return { rules, reasoning: { mode: 'knowledge' } };
  }
  const asked = await askModel(deps, {
    name: 'metric_thresholds',
    schema: Proposal,
    system: SYSTEM,
    facts: { service, rules: rules.map((rule, index) => promptFacts(rule, index, groups)) },
  });
  if (asked.value === null) return { rules, reasoning: asked.reasoning };
  return { rules: acceptThresholdProposal(asked.value, rules), reasoning: asked.reasoning };
}

function promptFacts(
  { group, candidate, form, level, history }: Levelled,
  index: number,
  groups: MetricSelection['groups'],
) {
  const { op, unit, min = null, max = null } = form.level;
  const { p50, p95, p99, max: highest, samples } = baselineOf(history);
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
