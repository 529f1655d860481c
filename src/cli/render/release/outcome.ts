import { colours as colors } from '../../../adapters/terminal/colours';
import { plainText } from '../../../adapters/terminal/printable';
import type { Issue } from '../../../domain/issue';
import type { Outcome } from '../../../domain/records/outcome';
import {
  predictedActual,
  type BatchComparison,
  type RuleComparison,
} from '../../../steps/outcomes/predicted-actual';
import { table } from '../layout/table';
import { tableStyle, type View } from '../layout/terminal-view';
import { clockText } from './event-text';
import { wrapHard } from '../layout/wrap-hard';
import { batchCells, levelText, outcomeTexts, pairText, brokenText } from './outcome-text';

const COLOUR: Record<Outcome['result'], (text: string) => string> = {
  completed: colors.green,
  rolled_back: colors.yellow,
  aborted: colors.yellow,
  needs_person: colors.red,
};

/** How a release went, next to what was predicted, for a terminal. */
export function outcomeLines(issue: Issue, outcome: Outcome, view: View): string[] {
  const found = predictedActual(issue, outcome);
  const { sentence, why, notes } = outcomeTexts(issue, outcome, found, view.texts);
  const lines = (text: string, width = view.width) => wrapHard(plainText(text), width);
  return [
    colors.bold(view.texts.t('outcome.heading')),
    ...lines(sentence).map((line) => COLOUR[outcome.result](line)),
    ...why.flatMap((text) => lines(text)),
    '',
    batchTable(found.batches, view),
    ...(found.rules.length === 0 ? [] : ['', ruleTable(found.rules, view)]),
    ...(notes.length === 0 ? [] : ['']),
    ...notes.flatMap((text) =>
      lines(text, view.width - 2).map((line, i) => `${i === 0 ? '-' : ' '} ${line}`),
    ),
  ];
}

function batchTable(batches: readonly BatchComparison[], view: View): string {
  const { t } = view.texts;
  return table(
    [
      { head: t('batch') },
      { head: t('release.hosts') },
      { head: t('outcome.predicted') },
      { head: t('outcome.actual'), wraps: true },
      { head: t('outcome.rules'), wraps: true },
    ],
    batches.map((batch) => ({ cells: batchCells(batch, view.texts) })),
    tableStyle(view),
  );
}

function ruleTable(rules: readonly RuleComparison[], view: View): string {
  const { t } = view.texts;
  return table(
    [
      { head: t('rule'), wraps: true },
      { head: t('release.limit') },
      { head: t('outcome.expected'), moves: 1 },
      { head: t('outcome.seen') },
      { head: t('outcome.broken') },
    ],
    rules.map((one) => ({
      cells: [
        plainText(one.rule_id),
        levelText(one),
        pairText(one.expected, one),
        pairText(one.seen, one),
        { text: brokenText(one, view.texts, clockText), paint: colors.red },
      ],
    })),
    tableStyle(view),
  );
}
