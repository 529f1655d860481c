import type { Issue } from '../../../domain/issue';
import type { Outcome } from '../../../domain/records/outcome';
import { predictedActual } from '../../../steps/outcomes/predicted-actual';
import type { Texts } from '../../texts/texts';
import { outcomeTables, outcomeTexts } from '../release/outcome-text';
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
    ...outcomeTables(found, texts).map(({ heads, rows }) => tableOf(heads, rows)),
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
