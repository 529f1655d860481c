import type { MetricSelection, Rule, WatchedGroup } from '../domain/metrics';
import { STEP, WARNING } from '../domain/names';
import type { Reasoning, Warning } from '../domain/step-result';
import type { History } from './backtest';
import { formatLevel } from './human-units';
import { judge } from './judgeability';
import type { RuleForm } from './metric-rules';
import { baselineOf, thresholdOf, type Threshold } from './thresholds';

/** What Prometheus said about one rule. */
export type Measured = {
  group: string;
  candidate: string;
  form: RuleForm;
  history: History;
  /** Series of the metric that have a fresh sample. */
  freshSeries: number;
  /** Why Prometheus refused the query, in its own words. */
  refused?: string;
  /** Its warning that the answer is not whole. */
  partial?: string;
};
export type Levelled = Measured & { level: Threshold };

/** When the history begins and ends, Unix seconds. */
export type Window = { start: number; end: number };

/** More rules are no list that a person reads, and more queries than one release may ask. */
export const MAX_RULES = 60;
/** Warnings of one kind beyond this are counted, not listed. */
const MAX_LISTED = 10;

/** The candidates to measure: when there are too many, each group keeps its most important ones. */
export function withinRuleLimit(groups: MetricSelection['groups']): MetricSelection['groups'] {
  const ranked = groups
    .flatMap(({ name, candidates }) =>
      candidates.map((candidate, rank) => ({ name, candidate, rank })),
    )
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MAX_RULES);
  const kept = new Set(ranked.map(({ name, candidate }) => JSON.stringify([name, candidate])));
  return groups.map((group) => ({
    ...group,
    candidates: group.candidates.filter((name) => kept.has(JSON.stringify([group.name, name]))),
  }));
}

/**
 * A live metric without the label or the limit that a form needs is no blind metric: the form is not meant for it.
 */
export const isMeantFor = ({ form, history, freshSeries, refused }: Measured): boolean =>
  history.samples.length > 0 ||
  freshSeries === 0 ||
  refused !== undefined ||
  !['errors', 'ratio'].includes(form.level.form);

/** Adds each level; what neither history nor knowledge gives a level for is left out, nothing could be enforced. */
export const withLevels = (measured: readonly Measured[]): Levelled[] =>
  measured.flatMap((one) => {
    const level = thresholdOf(one.history, one.form.level);
    return level === undefined ? [] : [{ ...one, level }];
  });

/** The groups of the issue; a group without a rule is left out. */
export function watchedGroups(
  { groups, scope }: MetricSelection,
  levelled: readonly Levelled[],
  window: Window,
): WatchedGroup[] {
  return groups.flatMap(({ name, watches }) => {
    const rules = levelled
      .filter(({ group }) => group === name)
      .map((one) => ruleOf(one, window, scope.kind === 'none'));
    if (rules.length === 0) return [];
    const candidates = rules.map(({ candidate }) => candidate);
    const thresholds = rules.map(({ threshold, unit }) => formatLevel(threshold, unit));
    return [{ name, candidates, thresholds, rules, watches }];
  });
}

function ruleOf(one: Levelled, window: Window, unscoped: boolean): Rule {
  const { candidate, form, history, level } = one;
  const { samples, p50, p95, p99, max } = baselineOf(history);
  return {
    candidate,
    expr: form.expr,
    op: form.level.op,
    threshold: level.threshold,
    unit: form.level.unit,
    for: level.for,
    severity: form.level.severity,
    baseline: {
      window: { from: isoOf(window.start), to: isoOf(window.end) },
      samples,
      p50,
      p95,
      p99,
      max,
    },
    backtest: level.backtest,
    ...judge({
      ...one,
      until: window.end,
      unscoped,
      backtest: level.backtest,
      // A rate or a share is never below 0.
      neverFires: form.level.op === '<' && level.threshold <= 0,
    }),
    source: level.source,
  };
}

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** What the issue has to warn of: nothing to judge by, nothing of this service, rules that judge badly. */
export function metricWarnings(
  { service, scope }: Pick<MetricSelection, 'service' | 'scope'>,
  groups: readonly WatchedGroup[],
): Warning[] {
  const warning = (code: string, message: string): Warning => ({
    step_name: STEP.metricAnalysis,
    code,
    message,
  });
  if (groups.length === 0) {
    return [warning(WARNING.noMetrics, `no metric of ${service} can judge this release`)];
  }
  const rules = groups.flatMap((group) => group.rules);
  const none = `no label or name prefix tells which series are of ${service}`;
  const noHistory = 'no metric has a history: every level comes from the knowledge base';
  return [
    ...(scope.kind === 'none' ? [warning(WARNING.serviceNotInMetrics, none)] : []),
    ...(rules.every(({ baseline }) => baseline.samples === 0)
      ? [warning(WARNING.noHistory, noHistory)]
      : []),
    ...badRules(rules, 'blind').map((message) => warning(WARNING.blindRule, message)),
    ...badRules(rules, 'weak').map((message) => warning(WARNING.weakRule, message)),
  ];
}

function badRules(rules: readonly Rule[], verdict: 'blind' | 'weak'): string[] {
  const bad = rules.filter(({ judgeable }) => judgeable === verdict);
  const listed = bad
    .slice(0, MAX_LISTED)
    .map(({ candidate, remedy }) => `${candidate} is ${verdict}: ${remedy ?? ''}`);
  const more = bad.length - listed.length;
  return more > 0 ? [...listed, `${more} more rules are ${verdict}`] : listed;
}

/** How the step as a whole came to its answer: the choice of metrics and that of levels. */
export function mergedReasoning(choice: Reasoning, levels: Reasoning): Reasoning {
  const asked = [choice, levels].filter(({ mode }) => mode === 'model');
  const sum = (key: 'calls' | 'tokens' | 'cached_calls') =>
    [choice, levels].reduce((total, one) => total + (one[key] ?? 0), 0);
  const fallback = choice.fallback_reason ?? levels.fallback_reason;
  const faults = [...(choice.faults ?? []), ...(levels.faults ?? [])];
  return {
    mode: asked.length > 0 ? 'model' : 'knowledge',
    ...(asked[0]?.model !== undefined && { model: asked[0].model }),
    ...(sum('calls') > 0 && { calls: sum('calls') }),
    ...(sum('tokens') > 0 && { tokens: sum('tokens') }),
    ...(sum('cached_calls') > 0 && { cached_calls: sum('cached_calls') }),
    ...(faults.length > 0 && { faults }),
    ...(fallback !== undefined && { fallback_reason: fallback }),
  };
}
