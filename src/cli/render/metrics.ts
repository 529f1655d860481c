import { colours as colors } from '../../adapters/terminal/colours';
import type { MetricAnalysis } from '../../domain/metrics';
import type { Warning } from '../../domain/step-result';
import { WARNING } from '../../domain/names';
import { metricNotes, ruleLines } from './rule-table';
import { plainText } from '../../adapters/terminal/printable';
import { terminalView } from './layout/terminal-view';
import { warningLines } from './grouped-warnings';

/** The rules show these themselves. */
const SHOWN: readonly string[] = [WARNING.weakRule, WARNING.blindRule];

/** The step for people at a terminal: rules with history, verdicts and remedies, and the rules as a whole. */
export function renderMetrics(
  { summary, details }: MetricAnalysis,
  warnings: readonly Warning[],
  view = terminalView(),
): string {
  return [
    colors.bold(plainText(`${details.service}: ${summary}`)),
    '',
    ...ruleLines(details, view),
    '',
    ...metricNotes(details, [], view),
    ...(details.backtest === undefined ? [view.texts.t('metrics.noBacktest')] : []),
    ...warningLines(
      warnings.filter(({ code }) => !SHOWN.includes(code)),
      view,
    ),
  ].join('\n');
}
