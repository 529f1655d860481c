import type { MetricSelection, Rule, WatchedGroup } from '../../domain/metrics';
import type { PlanBacktest } from '../../domain/plan-backtest';
import { STEP, WARNING } from '../../domain/names';
import type { Reasoning, Warning } from '../../domain/step-result';

/** Warnings of one kind beyond this are counted, not listed. */
const MAX_LISTED = 10;

/** What the groups of the issue do not show. */
export type Omissions = {
  hosts: number;
  /** No series belongs to a host. */
  unseen: boolean;
  /** Metrics without a level, for which nothing can be enforced. */
  unlevelled: readonly string[];
  backtest: PlanBacktest | undefined;
};

/** What limits the judgement of the release: missing metrics, hosts without metrics, weak rules. */
export function metricWarnings(
  { service, scope, unread }: Pick<MetricSelection, 'service' | 'scope' | 'unread'>,
  groups: readonly WatchedGroup[],
  { hosts, unseen, unlevelled, backtest }: Omissions,
): Warning[] {
  const notInMetrics =
    scope.kind === 'none'
      ? [
          warning(
            WARNING.serviceNotInMetrics,
            `No label and no name prefix shows which series belong to ${service}. Set PROMETHEUS_SERVICE_LABELS to the label that names your services`,
          ),
        ]
      : [];
  const withoutLevel = unlevelled
    .slice(0, MAX_LISTED)
    .map((name) =>
      warning(
        WARNING.blindRule,
        `${name} is blind: neither its history nor the knowledge base gives a level`,
      ),
    );
  if (groups.length === 0) {
    const text = `${service} has no metric that can judge this release`;
    return [...notInMetrics, ...withoutLevel, warning(WARNING.noMetrics, text)];
  }
  const rules = groups.flatMap((group) => group.rules);
  return [
    ...notInMetrics,
    ...historyWarnings(rules),
    ...badRules(rules, 'blind'),
    ...badRules(rules, 'weak'),
    ...withoutLevel,
    ...(unread === undefined
      ? []
      : [
          warning(
            WARNING.neighboursUnwatched,
            `The metrics of callers and callees could not be read: ${unread}`,
          ),
        ]),
    ...(hosts > 0 && unseen ? [warning(WARNING.hostsNotInMetrics, hostsNotFound(hosts))] : []),
    ...noisyRules(backtest),
  ];
}

const warning = (code: string, message: string): Warning => ({
  step_name: STEP.metricAnalysis,
  code,
  message,
});

const historyWarnings = (rules: readonly Rule[]): Warning[] =>
  rules.every(({ baseline }) => baseline.samples === 0)
    ? [
        warning(
          WARNING.noHistory,
          'No metric has a history. Every level is a default of the knowledge base',
        ),
      ]
    : [];

const hostsNotFound = (hosts: number): string =>
  hosts === 1
    ? 'No label of any series names the host, so its metrics cannot be distinguished from those of other hosts'
    : `No label of any series names one of the ${hosts} hosts, so the batches cannot be distinguished`;

function noisyRules(backtest: PlanBacktest | undefined): Warning[] {
  const count = backtest?.advisory ?? 0;
  if (count === 0) return [];
  const text =
    count === 1
      ? '1 rule would stop calm releases at every level inside its bounds. Watch it, but do not stop a release by it'
      : `${count} rules would stop calm releases at every level inside their bounds. Watch them, but do not stop a release by them`;
  return [warning(WARNING.falseStops, text)];
}

function badRules(rules: readonly Rule[], verdict: 'blind' | 'weak'): Warning[] {
  const code = verdict === 'blind' ? WARNING.blindRule : WARNING.weakRule;
  const bad = rules.filter(({ judgeable }) => judgeable === verdict);
  const listed = bad
    .slice(0, MAX_LISTED)
    .map(({ candidate, remedy }) => warning(code, `${candidate} is ${verdict}: ${remedy ?? ''}`));
  const more = bad.length - listed.length;
  if (more === 0) return listed;
  const text = more === 1 ? `1 more rule is ${verdict}` : `${more} more rules are ${verdict}`;
  return [...listed, warning(code, text)];
}

/** How the whole step was decided: the choice of metrics and the choice of levels together. */
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
