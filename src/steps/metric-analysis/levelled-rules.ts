import type { RelativeRule } from '../../domain/metrics';
import type { PlanBacktest } from '../../domain/plan-backtest';
import type { Usual } from '../thresholds/anomalies';
import type { History, Period } from '../thresholds/backtest';
import type { Baseline } from '../thresholds/baseline';
import { rateOf, type FalseStops } from '../thresholds/false-stop-rate';
import { levelPlan, type Release } from '../thresholds/joint-thresholds';
import type { Season } from '../thresholds/seasonality';
import type { Threshold } from '../thresholds/threshold';
import type { Measured } from './measured-rule';

/** A measured rule with its level. */
export type Levelled = Measured & {
  level: Threshold;
  /** Its history without anomalies, at the hours of the release. */
  calm: History;
  usual: Usual;
  baseline: Baseline;
  season: Season;
  advisory: boolean;
  relative?: RelativeRule;
};

export type PlanLevels = {
  levelled: Levelled[];
  /** Metrics for which neither history nor the knowledge base gives a level. */
  unlevelled: string[];
  falseStops: FalseStops;
  anomalies: Period[];
};

/** Sets all levels together, because any of the rules can stop a release. */
export function withLevels(measured: readonly Measured[], release: Release): PlanLevels {
  const rules = measured.map(({ form, history }) => ({ level: form.level, history }));
  const plan = levelPlan(rules, release);
  const both = measured.map((one, index) => ({ one, rated: plan.rules[index] }));
  return {
    levelled: both.flatMap(({ one, rated }) => {
      if (rated === undefined) return [];
      const { calm, usual, season, baseline } = rated.prepared;
      const { advisory, threshold: level } = rated;
      return [{ ...one, level, calm, usual, season, baseline, advisory }];
    }),
    unlevelled: both.flatMap(({ one, rated }) => (rated === undefined ? [one.candidate] : [])),
    falseStops: plan.falseStops,
    anomalies: plan.notCalm,
  };
}

/** Only the last ones are shown in an issue. */
const MAX_ANOMALIES = 20;

/** How the whole plan did on past releases; undefined where history is shorter than one release. */
export function planBacktest(
  { falseStops, levelled, anomalies }: PlanLevels,
  release: Release,
): PlanBacktest | undefined {
  if (falseStops.releases === 0) return undefined;
  return {
    release: `${release.seconds}s`,
    ...falseStops,
    false_stop_rate: Number(rateOf(falseStops).toFixed(4)),
    advisory: levelled.filter(({ advisory }) => advisory).length,
    anomalies: anomalies.slice(-MAX_ANOMALIES).map(isoPeriod),
  };
}

/** Unix seconds → RFC 3339. */
export const isoPeriod = ({ from, to }: Period) => ({ from: isoOf(from), to: isoOf(to) });

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
