import type { Issue } from '../../domain/issue';
import type { Outcome } from '../../domain/records/outcome';
import { predictedActual, type PredictedActual } from './predicted-actual';

export type Released = { issue: Issue; outcome: Outcome };
/** A part of a whole; the share is not known where the whole is 0. */
export type Share = { of: number; held: number };

/** How well the predictions of issues held over their releases. */
export type PredictionScore = {
  releases: number;
  results: Record<Outcome['result'], number>;
  /** Actual time of the batches that passed, over the predicted one; null without such batches. */
  time: number | null;
  /** Rules that stayed within their level, of those with values in releases that completed without a repair. */
  levels: Share;
  /** Rules whose 99th percentile lay within a factor of two of the predicted one, of those with both. */
  usual: Share;
  /** Predicted risks that happened. */
  precision: Share;
  /** Risks that happened and were predicted. */
  recall: Share;
  /** Repairs that helped. */
  repairs: Share;
};

export function scorePredictions(released: readonly Released[]): PredictionScore {
  const found = released.map(({ issue, outcome }) => predictedActual(issue, outcome));
  const risks = released.flatMap(({ outcome }) => outcome.risks);
  const happened = risks.filter((risk) => risk.happened);
  const predicted = risks.filter((risk) => risk.predicted);
  const repaired = happened.filter(
    ({ mitigation }) => mitigation !== undefined && mitigation !== 'rollback',
  );
  const calm = found.filter(({ result, risks: of }) => result === 'completed' && of.length === 0);
  return {
    releases: released.length,
    results: {
      ...{ completed: 0, rolled_back: 0, aborted: 0, needs_person: 0 },
      ...countBy(found.map(({ result }) => result)),
    },
    time: timeRatio(found),
    levels: shareOf(
      calm.flatMap(({ rules }) => rules),
      ({ breaches }) => breaches === 0,
    ),
    usual: shareOf(
      found.flatMap(({ rules }) =>
        rules.flatMap(({ expected, seen }) =>
          expected.p99 !== null && seen.p99 !== null ? [{ a: expected.p99, b: seen.p99 }] : [],
        ),
      ),
      ({ a, b }) => a === b || (a > 0 && b > 0 && b / a <= 2 && a / b <= 2),
    ),
    precision: shareOf(predicted, (risk) => risk.happened),
    recall: shareOf(happened, (risk) => risk.predicted),
    repairs: shareOf(repaired, ({ mitigated }) => mitigated === true),
  };
}

function timeRatio(found: readonly PredictedActual[]): number | null {
  const passed = found.flatMap(({ batches }) => batches.filter((batch) => batch.passed));
  const planned = passed.reduce((sum, batch) => sum + batch.planned, 0);
  const actual = passed.reduce((sum, batch) => sum + (batch.actual ?? 0), 0);
  return planned > 0 ? actual / planned : null;
}

const shareOf = <Item>(items: readonly Item[], holds: (item: Item) => boolean): Share => ({
  of: items.length,
  held: items.filter(holds).length,
});

function countBy<Key extends string>(keys: readonly Key[]): Partial<Record<Key, number>> {
  const counts: Partial<Record<Key, number>> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}
