import type { Issue } from '../../../domain/issue';
import type { Outcome } from '../../../domain/records/outcome';
import { predictedActual } from '../../../steps/outcomes/predicted-actual';
import type { Texts } from '../../texts/texts';
import { bullets, safe, table } from '../markdown-text';
import { batchCells, brokenText, levelText, outcomeTexts, pairText } from '../release/outcome-text';

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
    ...table(
      [
        t('batch'),
        t('release.hosts'),
        t('outcome.predicted'),
        t('outcome.actual'),
        t('outcome.rules'),
      ],
      found.batches.map((batch) => batchCells(batch, texts)),
    ),
    '',
    ...table(
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
    '',
    ...bullets(notes),
    '',
  ];
}
