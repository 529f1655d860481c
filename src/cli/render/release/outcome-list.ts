import { plainText } from '../../../adapters/terminal/printable';
import type { Outcome } from '../../../domain/records/outcome';
import {
  scorePredictions,
  type Released,
  type Share,
} from '../../../steps/outcomes/prediction-score';
import { predictedActual } from '../../../steps/outcomes/predicted-actual';
import { table } from '../layout/table';
import { tableStyle, type View } from '../layout/terminal-view';

/** Releases that have ended: a table on a terminal; in a pipe one a line, tab-separated and without a head. */
export function renderOutcomes(released: readonly Released[], view: View): string {
  const { t, duration } = view.texts;
  const rows = released.map(({ issue, outcome }) => {
    const { seconds, rules } = predictedActual(issue, outcome);
    return [
      issue.issue_id,
      issue.service,
      issue.candidate,
      Number.isFinite(view.width) ? t(`phase.${outcome.result}`) : outcome.result,
      duration(Math.round(seconds)),
      namesOf(rules.filter(({ breaches }) => breaches > 0).map(({ rule_id }) => rule_id)),
      namesOf(happenedIn(outcome)),
    ].map(plainText);
  });
  if (!Number.isFinite(view.width)) return rows.map((cells) => cells.join('\t')).join('\n');
  if (rows.length === 0) return t('outcomes.none');
  const columns = [
    { head: t('list.issue'), moves: 3 },
    { head: t('list.service') },
    { head: t('list.version') },
    { head: t('outcomes.result') },
    { head: t('outcomes.took') },
    { head: t('outcomes.broken'), wraps: true, moves: 1 },
    { head: t('outcomes.happened'), wraps: true, moves: 2 },
  ];
  const cells = rows.map((row) => ({ cells: row }));
  return [table(columns, cells, tableStyle(view)), '', ...scoreLines(released, view)].join('\n');
}

const happenedIn = ({ risks }: Outcome): string[] =>
  risks.filter(({ happened }) => happened).map(({ type }) => type);
const namesOf = (names: readonly string[]): string => names.join(', ');

type ShareKey = `outcomes.${'levels' | 'usual' | 'precision' | 'recall' | 'repairs'}`;

/** How well the predictions held, in a few lines. */
function scoreLines(released: readonly Released[], { texts }: View): string[] {
  const { t } = texts;
  const score = scorePredictions(released);
  // Of nothing, no share is known.
  const line = (key: ShareKey, { held, of }: Share) => (of === 0 ? [] : [t(key, { held, of })]);
  return [
    ...line('outcomes.levels', score.levels),
    ...line('outcomes.usual', score.usual),
    ...line('outcomes.precision', score.precision),
    ...line('outcomes.recall', score.recall),
    ...line('outcomes.repairs', score.repairs),
    ...(score.time === null ? [] : [t('outcomes.time', { percent: Math.round(score.time * 100) })]),
  ].map((text) => `- ${text}`);
}
