import type { Beside, MetricSelection } from '../../domain/metrics';
import type { RuleForm } from '../rules/rule-forms';
import type { History } from '../thresholds/backtest';
import type { HistoryWindow } from '../thresholds/history-grid';
import type { SeriesValue } from '../thresholds/series-defects';

/** What Prometheus answered about one rule. */
export type Measured = {
  /** The host or neighbour that the series belong to; absent for the service's own. */
  beside?: Beside;
  group: string;
  candidate: string;
  form: RuleForm;
  history: History;
  window: HistoryWindow;
  /** Number of series of the metric that have a fresh sample. */
  freshSeries: number;
  /** Those series; undefined where there were too many to read. */
  readings?: readonly SeriesValue[];
  /** Number of series without the labels of the service, where none has them. */
  elsewhere?: number;
  /** A metric that began where this one ended. */
  successor?: string;
  /** Seconds by which the time of the preparation is later than that of Prometheus. */
  clockAhead?: number;
  /** Most counter resets of one series in the last day. */
  resets?: number;
  /** Why Prometheus refused the query, in its own words. */
  refused?: string;
  /** Its warning that the answer is incomplete. */
  partial?: string;
};

/** Limit of one issue, for its readers and for the number of queries. */
export const MAX_RULES = 60;

/** The candidates to measure. Where there are too many, each group keeps its most important ones. */
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
 * False for a metric that is live while its form has no value: it lacks the label or the limit that the form needs,
 * so that another form, or none, is right. An absent metric is kept: its rule is blind, which the issue must show.
 */
export const isMeantFor = ({ form, history, freshSeries, refused }: Measured): boolean =>
  history.samples.length > 0 ||
  freshSeries === 0 ||
  refused !== undefined ||
  !['errors', 'ratio', 'share'].includes(form.level.form);
