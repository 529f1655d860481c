import type { Issue } from '../../../domain/issue';
import type { Outcome } from '../../../domain/records/outcome';
import { predictedActual } from '../../../steps/outcomes/predicted-actual';
import type { Texts } from '../../texts/texts';
import { batchCells, brokenText, levelText, outcomeTexts, pairText } from '../release/outcome-text';
import { h, list, section, type Part } from './page-elements';

/** The colours of a verdict serve for how it ended. */
const CLASS: Record<Outcome['result'], string> = {
  completed: 'yes',
  rolled_back: 'with_care',
  aborted: 'with_care',
  needs_person: 'no',
};

/** How the release went, next to what was predicted; nothing while it has not ended. */
export function outcomePart(issue: Issue, outcome: Outcome | null, texts: Texts): Part {
  if (outcome === null) return undefined;
  const { t } = texts;
  const found = predictedActual(issue, outcome);
  const { sentence, why, notes } = outcomeTexts(issue, outcome, found, texts);
  return section(
    t('outcome.heading'),
    h('div', { class: `verdict ${CLASS[outcome.result]}` }, h('strong', {}, sentence), list(why)),
    tableOf(
      [
        t('batch'),
        t('release.hosts'),
        t('outcome.predicted'),
        t('outcome.actual'),
        t('outcome.rules'),
      ],
      found.batches.map((batch) => batchCells(batch, texts)),
    ),
    tableOf(
      [
        t('rule'),
        t('release.limit'),
        t('outcome.expected'),
        t('outcome.seen'),
        t('outcome.broken'),
      ],
      found.rules.map((one) => [
        one.rule_id,
        levelText(one),
        pairText(one.expected, one),
        pairText(one.seen, one),
        brokenText(one, texts),
      ]),
    ),
    list(notes),
  );
}

/** Wider than a phone, it scrolls in its own frame. */
const tableOf = (heads: readonly string[], rows: readonly string[][]) =>
  h(
    'div',
    { class: 'scroll', tabIndex: 0 },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, head)))),
      h(
        'tbody',
        {},
        ...rows.map((cells) => h('tr', {}, ...cells.map((cell) => h('td', {}, cell)))),
      ),
    ),
  );
