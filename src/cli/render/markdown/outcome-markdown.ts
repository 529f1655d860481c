import type { Issue } from '../../../domain/issue';
import type { Outcome } from '../../../domain/records/outcome';
import { predictedActual } from '../../../steps/outcomes/predicted-actual';
import type { Texts } from '../../texts/texts';
import { bullets, safe, table } from '../markdown-text';
import { outcomeTables, outcomeTexts } from '../release/outcome-text';

/** How the release went, next to what was predicted; nothing while it has not ended. */
export function outcomeMarkdown(issue: Issue, outcome: Outcome | null, texts: Texts): string[] {
  if (outcome === null) return [];
  const { t } = texts;
  const found = predictedActual(issue, outcome);
  const { sentence, why, notes } = outcomeTexts(issue, outcome, found, texts);
  return [
    `## ${t('outcome.heading')}`,
    '',
    `**${safe(sentence)}**`,
    '',
    ...why.flatMap((text) => [safe(text), '']),
    ...outcomeTables(found, texts).flatMap(({ heads, rows }) => [...table(heads, rows), '']),
    ...bullets(notes),
    '',
  ];
}
