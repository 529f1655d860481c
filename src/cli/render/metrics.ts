import { plainText } from '../../adapters/terminal/printable';
import Table from 'cli-table3';
import { colours as colors } from '../../adapters/terminal/colours';
import type { MetricAnalysis, PlanBacktest, Rule, WatchedGroup } from '../../domain/metrics';
import type { Warning } from '../../domain/step-result';

/** Values of the last days by expression, evenly spaced; NaN where there was none. */
export type Histories = ReadonlyMap<string, readonly number[]>;

/** Characters of a spark line. */
export const SPARKS = 24;
const BLOCKS = '▁▂▃▄▅▆▇█';
const VERDICT = {
  judgeable: colors.green('judgeable'),
  weak: colors.yellow('weak'),
  blind: colors.red('blind'),
};

/** One block a value, from the lowest to the highest; `·` where there was no value. */
export function sparkLine(values: readonly number[]): string {
  const known = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return '·';
      const share = high > low ? (value - low) / (high - low) : 0;
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(share * BLOCKS.length))];
    })
    .join('');
}

/** The step for people at a terminal: groups, rules, levels, history, verdicts with remedies, the plan as a whole. */
export function renderMetrics(
  { summary, details }: MetricAnalysis,
  warnings: readonly Warning[],
  histories: Histories,
): string {
  const rules = details.metrics.flatMap((group) => group.rules);
  return [
    colors.bold(`${details.service}: ${summary}`),
    `${details.catalogue_size} metrics in the catalogue; series by ${scopeText(details.scope)}`,
    ...(details.unwatched ?? []).map((words) => plainText(`not watched: ${words}`)),
    ...details.metrics.map((group) => groupText(group, histories)),
    ...rules.flatMap(remedyText),
    planText(details.backtest),
    ...warnings
      .filter(({ code }) => !['WeakRule', 'BlindRule'].includes(code))
      .map(({ code, message }) => colors.yellow(`! ${code}: ${message}`)),
  ].join('\n');
}

const scopeText = (scope: MetricAnalysis['details']['scope']): string => {
  switch (scope.kind) {
    case 'label':
      return `${scope.label}="${scope.value}"`;
    case 'prefix':
      return `the prefix ${scope.prefix}`;
    case 'none':
      return 'nothing that ties them to the service';
  }
};

function groupText(
  { name, rules, thresholds, watches, beside }: WatchedGroup,
  histories: Histories,
): string {
  const table = new Table({
    head: ['rule', 'fires', 'for', 'last three days', 'fired', 'verdict', 'level from'],
    style: { head: [], border: [], compact: true },
  });
  table.push(
    ...rules.map((rule, index) => [
      rule.candidate,
      `${rule.op} ${thresholds[index] ?? rule.threshold}`,
      rule.for,
      sparkLine(histories.get(rule.expr) ?? []),
      `${rule.backtest.fired}/${rule.backtest.windows}`,
      VERDICT[rule.judgeable],
      rule.source,
    ]),
  );
  const risks = watches.length > 0 ? `  watches ${watches.join(', ')}` : '';
  const because = beside?.kind === 'neighbour' && beside.because ? `  ${beside.because}` : '';
  return `\n${colors.bold(plainText(name))}${plainText(because)}${risks}\n${table.toString()}`;
}

const remedyText = ({ candidate, judgeable, remedy, relative }: Rule): string[] => [
  ...(remedy === undefined ? [] : [`${VERDICT[judgeable]} ${candidate}: ${remedy}`]),
  ...(relative === undefined
    ? []
    : [
        `  ${candidate} is also compared: batch / others ${relative.op} ${relative.ratio} for ${relative.for}, by ${relative.host_label}`,
      ]),
];

function planText(backtest: PlanBacktest | undefined): string {
  if (backtest === undefined) return '\nNo history is long enough to try a release on.';
  const { release, releases, stopped, anomalies, advisory } = backtest;
  const percent = (100 * backtest.false_stop_rate).toFixed(1);
  return [
    `\n${colors.bold('The plan as a whole')}: ${stopped} of ${releases} calm releases of ${release} would have been stopped (${percent}%, at most 5%)`,
    `${anomalies.length} outages and accidents were left out; ${advisory} rules are advice only`,
  ].join('\n');
}
