import { colours as colors } from '../../../adapters/terminal/colours';
import { plainText } from '../../../adapters/terminal/printable';
import type { BatchProgress, ExecutionState } from '../../../domain/execution/execution';
import { parseSeconds } from '../../../steps/text/parse-seconds';
import { sparkLine } from '../layout/sparks';
import { table } from '../layout/table';
import { tableStyle, type View } from '../layout/terminal-view';
import { wrapHard } from '../layout/wrap-hard';
import { clockText, eventText, reasonText } from './event-text';
import { nextText } from './next-text';
import { numberText } from './number-text';

/** The release that is shown. */
export type Shown = { service: string; version: string };
type Limits = { rules?: number; events?: number };

const EVENTS = 8;
const NAMED_HOSTS = 6;
const SPARKS = 12;

/** A release for a terminal: where it is and why, its batches, its rules, what comes next, and what happened last. */
export function renderRelease(
  state: ExecutionState,
  shown: Shown,
  view: View,
  { rules = Infinity, events = EVENTS }: Limits = {},
): string {
  const lines = (text: string) => wrapHard(plainText(text), view.width);
  const { reason } = state;
  const next = nextText(state, shown, view.texts);
  return [
    ...lines(headText(state, shown, view)).map((line) => colors.bold(line)),
    ...(state.issue_id === null ? [] : lines(state.issue_id)),
    ...(reason === undefined
      ? []
      : lines(view.texts.t('release.why', { reason: reasonText(reason, view.texts) }))),
    ...(state.plan === undefined ? [] : ['', batchTable(state, state.plan, view)]),
    ...(state.rules.length === 0 ? [] : ['', ...ruleLines(state.rules, rules, view)]),
    ...(next === undefined ? [] : ['', ...lines(next)]),
    ...(state.events.length === 0 ? [] : ['']),
    ...state.events.slice(-events).flatMap((event) => lines(eventText(event, clockText))),
  ].join('\n');
}

function headText(state: ExecutionState, { service, version }: Shown, { texts }: View): string {
  const { phase, batch, batches, until } = state;
  const left = (Date.parse(until ?? '') - Date.now()) / 1000;
  const words = [
    texts.t('release.batch', { phase: texts.t(`phase.${phase}`), batch, batches }),
    ...(until !== undefined && left > 0
      ? [
          texts.t('release.until', {
            time: clockText(until),
            duration: texts.duration(Math.round(left)),
          }),
        ]
      : []),
  ];
  return `${service} ${version}: ${words.join(' ')}`;
}

function batchTable(state: ExecutionState, plan: readonly BatchProgress[], view: View): string {
  const { t } = view.texts;
  return table(
    [
      { head: t('batch') },
      { head: t('release.hosts'), wraps: true },
      { head: t('release.state'), wraps: true },
      { head: t('release.observed'), moves: 1 },
    ],
    plan.map((batch) => ({
      cells: [
        String(batch.batch_id),
        plainText(hostNames(batch.hosts, view)),
        stateText(state, batch, view),
        observedText(batch, view),
      ],
    })),
    tableStyle(view),
  );
}

const hostNames = (hosts: readonly string[], { texts }: View): string =>
  [
    ...hosts.slice(0, NAMED_HOSTS),
    ...(hosts.length > NAMED_HOSTS ? [texts.t('more', { count: hosts.length - NAMED_HOSTS })] : []),
  ].join(', ');

function stateText({ hosts }: ExecutionState, batch: BatchProgress, { texts }: View): string {
  const counts = new Map<string, number>();
  for (const host of batch.hosts) {
    const state = texts.t(`host.${hosts[host]?.state ?? 'waiting'}`);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const found = [...counts];
  return found.length === 1
    ? (found[0]?.[0] ?? '')
    : found.map(([state, count]) => `${count} ${state}`).join(', ');
}

/** What was observed, of what the issue wants. */
function observedText(batch: BatchProgress, { texts }: View): string {
  const { deployed_at: from, observed_until: to, observation_time: planned } = batch;
  const wanted = texts.duration(parseSeconds(planned));
  if (from === undefined || to === undefined) return wanted;
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return `${texts.duration(seconds)} (${wanted})`;
}

const WORST_FIRST = ['breach', 'no_data', 'not_yet', 'ok'] as const;
const COLOUR = {
  ok: colors.green,
  breach: colors.red,
  no_data: colors.yellow,
  not_yet: colors.dim,
} as const;

function ruleLines(rules: ExecutionState['rules'], limit: number, view: View): string[] {
  const { t } = view.texts;
  const rank = ({ verdict }: { verdict: (typeof WORST_FIRST)[number] }) =>
    WORST_FIRST.indexOf(verdict);
  const shown = [...rules].sort((a, b) => rank(a) - rank(b)).slice(0, limit);
  const rows = shown.map(({ rule_id: id, value, limit: level, verdict, values = [] }) => ({
    cells: [
      plainText(id),
      sparkLine(values.slice(-SPARKS)),
      numberText(value),
      numberText(level),
      { text: t(`reading.${verdict}`), paint: COLOUR[verdict] },
    ],
  }));
  const rest = rules.length - shown.length;
  return [
    table(
      [
        { head: t('rule'), wraps: true },
        { head: t('release.last') },
        { head: t('release.value') },
        { head: t('release.limit') },
        { head: t('release.verdict') },
      ],
      rows,
      tableStyle(view),
    ),
    ...(rest > 0 ? [colors.dim(t('release.rules.more', { count: rest }))] : []),
  ];
}
