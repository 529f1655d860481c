import { colours as colors } from '../../adapters/terminal/colours';
import type { MetricAnalysisDetails } from '../../domain/metrics';
import type { ReleasePlan } from '../../domain/release-plan';
import type { Warning } from '../../domain/step-result';
import { timelineOf } from '../../steps/release-plan/plan-timeline';
import { parseSeconds } from '../../steps/text/parse-seconds';
import { batchText, totalText, type Strategy } from './wording/batch-text';
import { table } from './layout/table';
import { plainText } from '../../adapters/terminal/printable';
import { tableStyle, terminalView, type View } from './layout/terminal-view';
import { warningLines } from './grouped-warnings';
import { wrapHard } from './layout/wrap-hard';

const MAX_EXCLUDED = 10;
/** Characters that the whole plan's time takes in the timeline. */
const TIMELINE_WIDTH = 48;
const MIN_TIMELINE = 8;
/** Bars of one batch are merged into the rest beyond it. */
const MAX_BARS = 30;

export type PlanView = { result: ReleasePlan; warnings: readonly Warning[] };

/** The plan for people at a terminal: batches, a timeline, notes on the whole, hosts that are left out. */
export function renderPlan({ result, warnings }: PlanView, view = terminalView()): string {
  const { details, summary } = result;
  return [
    `${colors.bold(plainText(details.service))}: ${plainText(summary)}`,
    ...planLines(details.gray_strategy, view),
    ...warningLines(warnings, view),
  ].join('\n');
}

/** The batches with their verdicts, the timeline, and what holds for the plan as a whole. */
export function planLines(
  strategy: Strategy,
  view: View,
  metrics?: MetricAnalysisDetails,
): string[] {
  const { texts, width } = view;
  const { t } = texts;
  const rows = strategy.batches.map((batch) => {
    const { id, hosts, observe, repair, judged, rules, why } = batchText(batch, { texts, metrics });
    return {
      cells: [id, plainText(hosts), observe, repair, judged, rules],
      below: [plainText(why)],
    };
  });
  return [
    ...wrapHard(plainText(totalText(strategy, texts)), width),
    table(
      [
        { head: t('batch') },
        { head: t('batch.hosts'), wraps: true },
        { head: t('batch.observe') },
        { head: t('batch.repair'), moves: 1 },
        { head: t('batch.judged') },
        { head: t('batch.rules'), moves: 2 },
      ],
      rows,
      tableStyle(view),
    ),
    ...bars(strategy, width),
    ...strategy.notes.flatMap((note) => wrapHard(`- ${plainText(note)}`, width)),
    ...excluded(strategy, view),
  ];
}

/** One bar a batch on a common scale, each beginning where the one before ends. */
function bars({ batches, total_time: total }: Strategy, width: number): string[] {
  const label = String(batches.length).length;
  const room = Math.max(MIN_TIMELINE, Math.min(TIMELINE_WIDTH, width - label - 2));
  const scale = room / Math.max(1, parseSeconds(total));
  const shown = timelineOf(batches.slice(0, MAX_BARS), new Date(0));
  const lines = shown.map(({ batch_id, from, until }) => {
    const start = Math.floor((from.getTime() / 1000) * scale);
    const end = Math.max(start + 1, Math.round((until.getTime() / 1000) * scale));
    return `${String(batch_id).padStart(label)} ${' '.repeat(start)}${'█'.repeat(end - start)}`;
  });
  const hidden = batches.length - shown.length;
  return hidden > 0 ? [...lines, `${' '.repeat(label)} … ${hidden}`] : lines;
}

function excluded({ excluded_hosts: hosts }: Strategy, { texts, width }: View): string[] {
  const lines = hosts
    .slice(0, MAX_EXCLUDED)
    .map(({ host_id: host, reason }) => texts.t('plan.excluded', { host, reason }));
  const more = hosts.length - lines.length;
  return [...lines, ...(more > 0 ? [texts.t('more', { count: more })] : [])].flatMap((line) =>
    wrapHard(plainText(line), width),
  );
}
