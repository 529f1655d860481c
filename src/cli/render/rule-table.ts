import { colours as colors } from '../../adapters/terminal/colours';
import type { Judgeability, MetricAnalysisDetails } from '../../domain/metrics';
import type { Risk } from '../../domain/risk';
import { groupsWithoutMetric } from '../../steps/issue-verdict/rule-concerns';
import { parseSeconds } from '../../steps/text/parse-seconds';
import type { Texts } from '../texts/texts';
import { ruleText } from './wording/rule-text';
import { sparksOf } from './layout/sparks';
import { table, type Column, type Row } from './layout/table';
import { plainText } from '../../adapters/terminal/printable';
import { tableStyle, type View } from './layout/terminal-view';
import { wrapHard } from './layout/wrap-hard';

export const JUDGED: Record<Judgeability, (text: string) => string> = {
  judgeable: colors.green,
  weak: colors.yellow,
  blind: colors.red,
};

/** All rules in one table, with what each compares, why it is weak, and how it is compared with other hosts. */
export function ruleLines({ metrics }: MetricAnalysisDetails, view: View): string[] {
  if (metrics.length === 0) return [];
  const { texts } = view;
  const { t } = texts;
  const columns: Column[] = [
    { head: t('rule.group'), moves: 2 },
    { head: t('rule.metric'), wraps: true },
    { head: t('rule.fires') },
    { head: t('rule.for') },
    { head: t('rule.usual'), moves: 4 },
    { head: t('rule.sparks'), moves: 6 },
    { head: t('rule.backtest'), moves: 3 },
    { head: t('rule.verdict') },
    { head: t('rule.source'), moves: 5 },
  ];
  const rows = metrics.flatMap((group) =>
    group.rules.map((rule, index): Row => {
      const text = ruleText(rule, group.thresholds[index], texts);
      const { metric, fires, hold, usual, backtest, source, judged, expr, remedy, relative } = text;
      const cells = [
        plainText(group.name),
        plainText(metric),
        plainText(fires),
        hold,
        usual,
        sparksOf(rule),
        backtest,
        { text: judged, paint: JUDGED[rule.judgeable] },
        plainText(source),
      ];
      const below = [
        ...(remedy === undefined ? [] : [`${judged}: ${remedy}`]),
        expr,
        ...(relative === undefined ? [] : [relative]),
      ];
      return { cells, below: below.map(plainText) };
    }),
  );
  return [table(columns, rows, tableStyle(view))];
}

/** Where the series come from, what is not watched, and how all rules together did in the past. */
export const scopeLines = (details: MetricAnalysisDetails, texts: Texts): string[] => [
  texts.t('metrics.catalogue', {
    count: details.catalogue_size,
    scope: scopeText(details.scope, texts),
  }),
  ...(details.unwatched ?? []).map((what) => texts.t('metrics.unwatched', { what })),
];

function scopeText(scope: MetricAnalysisDetails['scope'], { t }: Texts): string {
  switch (scope.kind) {
    case 'label':
      return t('metrics.scope.label', { label: scope.label, value: scope.value });
    case 'prefix':
      return t('metrics.scope.prefix', { prefix: scope.prefix });
    case 'none':
      return t('metrics.scope.none');
  }
}

/** Metric groups that risks watch and that have no metric. */
export const missingGroups = (
  { metrics }: MetricAnalysisDetails,
  risks: readonly Risk[],
  { t }: Texts,
): string[] =>
  groupsWithoutMetric(metrics, risks).map(({ group, risks: by }) =>
    t('metrics.group.missing', { group, risks: by.join(', ') }),
  );

/** How often all rules together would have stopped a calm release; nothing where no history is long enough. */
export function backtestText(
  { backtest }: MetricAnalysisDetails,
  { t, duration }: Texts,
): string | undefined {
  if (backtest === undefined) return undefined;
  const { release, releases, stopped, false_stop_rate: rate } = backtest;
  const percent = (100 * rate).toFixed(1);
  const time = duration(parseSeconds(release));
  return t('metrics.backtest', { stopped, releases, release: time, percent });
}

/** The same for a terminal. */
export function metricNotes(
  details: MetricAnalysisDetails,
  risks: readonly Risk[],
  { texts, width }: View,
): string[] {
  const whole = backtestText(details, texts);
  return [
    ...scopeLines(details, texts),
    ...missingGroups(details, risks, texts),
    ...(whole === undefined ? [] : [whole]),
  ].flatMap((line) => wrapHard(plainText(`- ${line}`), width));
}
