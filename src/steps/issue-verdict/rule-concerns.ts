import type { MetricAnalysisDetails, Rule } from '../../domain/metrics';
import type { Batch } from '../../domain/release-plan';
import type { Risk } from '../../domain/risk';
import type { Concern } from '../../domain/issue-verdict';
import { judgeBatch } from '../metric-analysis/batch-judgeability';
import { CONCERN, concern, counted, named } from './concern';

/** The golden signals of a service that a release must not worsen, and the metric groups that show them. */
const SIGNALS: readonly { signal: string; group: string }[] = [
  { signal: 'errors', group: 'Error Rate' },
  { signal: 'latency', group: 'Latency' },
  { signal: 'traffic', group: 'Traffic' },
];

/** Whether the rules of the issue can judge the release: all of them, the golden signals, each batch. */
export function ruleConcerns(
  details: MetricAnalysisDetails,
  batches: readonly Batch[],
  risks: readonly Risk[],
): Concern[] {
  const rules = details.metrics.flatMap((group) => group.rules);
  const none = `no label or name prefix shows which series belong to ${details.service}`;
  const scope =
    details.scope.kind === 'none'
      ? [concern(CONCERN.serviceNotInMetrics, none, { service: details.service })]
      : [];
  if (rules.length === 0) {
    const text = 'no metric can judge the release';
    return [...scope, concern(CONCERN.noMetrics, text), ...unwatched(details, risks)];
  }
  if (rules.every(({ judgeable }) => judgeable === 'blind')) {
    const text = `none of ${counted(rules.length, 'rule')} has data to judge the release`;
    return [...scope, concern(CONCERN.allRulesBlind, text, { count: rules.length })];
  }
  return [
    ...scope,
    ...signalsNotWatched(details),
    ...batchConcerns(details, rules, batches),
    ...unwatched(details, risks),
  ];
}

/** A signal is watched when one rule of the service's own series is judgeable. */
function signalsNotWatched({ metrics }: MetricAnalysisDetails): Concern[] {
  const own = metrics.filter(({ beside }) => beside === undefined);
  const missing = SIGNALS.filter(
    ({ group }) =>
      !own.some(
        ({ name, rules }) =>
          name === group && rules.some(({ judgeable }) => judgeable === 'judgeable'),
      ),
  ).map(({ signal }) => signal);
  if (missing.length === 0) return [];
  const signals = missing.join(', ');
  return [concern(CONCERN.signalNotWatched, `no judgeable rule watches ${signals}`, { signals })];
}

/** Rules that are weak or blind, by batch; batches with the same count share one concern. */
function batchConcerns(
  details: MetricAnalysisDetails,
  rules: readonly Rule[],
  batches: readonly Batch[],
): Concern[] {
  const byCount = new Map<number, number[]>();
  for (const batch of batches) {
    const unable = rules.length - rulesThatJudge(details, batch);
    if (unable > 0) byCount.set(unable, [...(byCount.get(unable) ?? []), batch.batch_id]);
  }
  return [...byCount]
    .sort(([a], [b]) => b - a)
    .map(([unable, ids]) => {
      const params = { unable, rules: rules.length, batches: ranges(ids), count: ids.length };
      const where = ids.length === 1 ? 'batch' : 'batches';
      const text = `${unable} of ${counted(rules.length, 'rule')} cannot judge ${where} ${params.batches}`;
      return concern(CONCERN.rulesCannotJudge, text, params);
    });
}

/** How many rules of the issue can judge a batch: they are judgeable and have series of all its hosts. */
export function rulesThatJudge(
  { metrics, host_sets: sets }: Pick<MetricAnalysisDetails, 'metrics' | 'host_sets'>,
  batch: Pick<Batch, 'hosts'>,
): number {
  return metrics
    .flatMap((group) => group.rules)
    .filter((rule) => {
      const hosts = rule.host_set === undefined ? undefined : sets?.[rule.host_set];
      return judgeBatch({ rule, hosts }, batch).judgeable === 'judgeable';
    }).length;
}

/** Metric groups that a risk wants watched and that have no metric. */
function unwatched({ metrics }: MetricAnalysisDetails, risks: readonly Risk[]): Concern[] {
  const groups = groupsWithoutMetric(metrics, risks).map(({ group }) => group);
  if (groups.length === 0) return [];
  const text = `risks watch ${named(groups)}, for which the service has no metric`;
  return [
    concern(CONCERN.groupWithoutMetric, text, { groups: named(groups), count: groups.length }),
  ];
}

/** Each group that some risk watches and that has no metric, with the risks that watch it. */
export function groupsWithoutMetric(
  metrics: readonly { name: string }[],
  risks: readonly Pick<Risk, 'type' | 'watch'>[],
): { group: string; risks: string[] }[] {
  const known = new Set(metrics.map(({ name }) => name));
  const missing = [...new Set(risks.flatMap(({ watch }) => watch))].filter(
    (name) => !known.has(name),
  );
  return missing.map((group) => ({
    group,
    risks: risks.filter(({ watch }) => watch.includes(group)).map(({ type }) => type),
  }));
}

/** `1`, `1, 3`, `1–4, 7`: ids in ascending order. */
export function ranges(ids: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const id of ids) {
    const last = runs.at(-1);
    if (last !== undefined && id === last[1] + 1) last[1] = id;
    else runs.push([id, id]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}
