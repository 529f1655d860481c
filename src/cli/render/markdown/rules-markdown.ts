import type { MetricAnalysisDetails } from '../../../domain/metrics';
import type { Risk } from '../../../domain/risk';
import type { Texts } from '../../texts/texts';
import { bullets, code, safe, table } from '../markdown-text';
import { ruleText } from '../wording/rule-text';
import { backtestText, missingGroups, scopeLines } from '../rule-table';

/** The rules in one table, then the expression of each, absolute and against the other hosts. */
export function rulesMarkdown(
  details: MetricAnalysisDetails,
  risks: readonly Risk[],
  texts: Texts,
): string[] {
  const { t } = texts;
  const rules = details.metrics.flatMap((group) =>
    group.rules.map((rule, i) => ({
      group: group.name,
      ...ruleText(rule, group.thresholds[i], texts),
    })),
  );
  const whole = backtestText(details, texts);
  return [
    `## ${t('rules.heading')}`,
    '',
    ...(rules.length === 0
      ? []
      : table(
          (
            ['group', 'metric', 'fires', 'for', 'usual', 'backtest', 'verdict', 'source'] as const
          ).map((key) => t(`rule.${key}`)),
          rules.map((rule) => [
            rule.group,
            rule.metric,
            rule.fires,
            rule.hold,
            rule.usual,
            rule.backtest,
            rule.judged,
            rule.source,
          ]),
        )),
    ...bullets([
      ...scopeLines(details, texts),
      ...missingGroups(details, risks, texts),
      ...(whole === undefined ? [] : [whole]),
      ...rules.flatMap(({ metric, judged, remedy }) =>
        remedy === undefined ? [] : [`${metric}: ${judged}: ${remedy}`],
      ),
    ]),
    '',
    ...(rules.length === 0 ? [] : [`### ${t('rules.expressions')}`, '']),
    ...rules.flatMap(({ metric, fires, hold, expr, relative, relativeBatches }) => [
      `- ${safe(metric)}: ${code(`${expr} ${fires}`)}, ${safe(`${t('rule.for')} ${hold}`)}`,
      ...(relative === undefined ? [] : bullets([relative]).map(indented)),
      ...relativeBatches.map((one) =>
        indented(`- ${safe(t('rule.batch', { id: one.id }))}: ${code(one.expr)}`),
      ),
    ]),
    '',
  ];
}

const indented = (line: string): string => `  ${line}`;
