import type { MetricSelection, Rule, WatchedGroup } from '../../domain/metrics';
import type { PlanBacktest } from '../../domain/plan-backtest';
import { STEP, WARNING } from '../../domain/names';
import type { Reasoning, Warning } from '../../domain/step-result';

/** Warnings of one kind beyond this are counted, not listed. */
const MAX_LISTED = 10;

/** What the groups of the issue do not show. */
export type Omissions = {
  hosts: number;
  /** No series was found to be of any host. */
  unseen: boolean;
  /** Metrics without a level: nothing could be enforced. */
  unlevelled: readonly string[];
  backtest: PlanBacktest | undefined;
};

const loudRules = (count: number): string =>
  `${count} rules would stop calm releases at any level inside their bounds: watch them, but do not stop by them`;

/** What the issue has to warn of: nothing to judge by, nothing of this service, rules that judge badly. */
export function metricWarnings(
  { service, scope, unread }: Pick<MetricSelection, 'service' | 'scope' | 'unread'>,
  groups: readonly WatchedGroup[],
  { hosts, unseen, unlevelled, backtest }: Omissions,
): Warning[] {
  const warning = (code: string, message: string): Warning => ({
    step_name: STEP.metricAnalysis,
    code,
    message,
  });
  if (groups.length === 0) {
    return [
      ...unlevelled
        .slice(0, MAX_LISTED)
        .map((name) => warning(WARNING.blindRule, `${name} is blind: nothing gives it a level`)),
      warning(WARNING.noMetrics, `no metric of ${service} can judge this release`),
    ];
  }
  const rules = groups.flatMap((group) => group.rules);
  const none = `no label or name prefix tells which series are of ${service}`;
  const noHosts = `no label of any series holds one of the ${hosts} hosts: batches cannot be told apart`;
  const noHistory = 'no metric has a history: every level comes from the knowledge base';
  return [
    ...(scope.kind === 'none' ? [warning(WARNING.serviceNotInMetrics, none)] : []),
    ...(rules.every(({ baseline }) => baseline.samples === 0)
      ? [warning(WARNING.noHistory, noHistory)]
      : []),
    ...badRules(rules, 'blind').map((message) => warning(WARNING.blindRule, message)),
    ...badRules(rules, 'weak').map((message) => warning(WARNING.weakRule, message)),
    ...unlevelled
      .slice(0, MAX_LISTED)
      .map((name) => warning(WARNING.blindRule, `${name} is blind: nothing gives it a level`)),
    ...(unread === undefined
      ? []
      : [
          warning(
            WARNING.neighboursUnwatched,
            `metrics of its neighbours were not read: ${unread}`,
          ),
        ]),
    ...(hosts > 0 && unseen ? [warning(WARNING.hostsNotInMetrics, noHosts)] : []),
    ...(backtest !== undefined && backtest.advisory > 0
      ? [warning(WARNING.falseStops, loudRules(backtest.advisory))]
      : []),
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
