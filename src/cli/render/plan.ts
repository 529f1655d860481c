import Table from 'cli-table3';
import { colours as colors } from '../../adapters/terminal/colours';
import type { ReleasePlan } from '../../domain/release-plan';
import type { Warning } from '../../domain/step-result';
import { timelineOf } from '../../steps/plan/plan-timeline';
import { parseSeconds } from '../../steps/text/parse-seconds';
import { codeBlock, safe } from './markdown-text';
import { mermaidText } from './mermaid-text';

/** Hosts named per batch; a large batch is counted. */
const MAX_HOSTS = 8;
const MAX_EXCLUDED = 10;
/** Characters that the whole plan's time takes in the timeline. */
const TIMELINE_WIDTH = 48;
/** Bars of one batch are merged into the rest beyond it. */
const MAX_BARS = 30;

type Strategy = ReleasePlan['details']['gray_strategy'];
export type PlanView = { result: ReleasePlan; warnings: readonly Warning[] };

/** The plan for people at a terminal: batches, a timeline, what holds of the whole, what is left out. */
export function renderPlan({ result, warnings }: PlanView): string {
  const strategy = result.details.gray_strategy;
  const table = new Table({
    head: ['batch', 'hosts', 'observe', 'after repair', 'judged by', 'why'].map(colors.bold),
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: [null, 40, null, null, null, 60],
  });
  table.push(
    ...strategy.batches.map((batch) => [
      String(batch.batch_id),
      hostsOf(batch),
      human(batch.observation_time),
      human(batch.repair_observation_time),
      batch.judgement?.by ?? '-',
      [batch.reason, batch.judgement?.reason].filter(Boolean).join('; '),
    ]),
  );
  return [
    `${colors.bold(result.details.service)}: ${result.summary}, ${human(strategy.total_time)} in all`,
    `policy ${strategy.policy}: ${strategy.policy_reason}`,
    table.toString(),
    ...bars(strategy),
    ...strategy.notes.map((note) => `- ${note}`),
    ...excluded(strategy),
    ...warnings.map(({ code, message }) => `${colors.yellow('!')} ${code}: ${message}`),
  ].join('\n');
}

function hostsOf({ hosts }: Strategy['batches'][number]): string {
  const ids = hosts.slice(0, MAX_HOSTS).map(({ host_id }) => host_id);
  return hosts.length > MAX_HOSTS ? `${ids.join(' ')} … ${hosts.length} hosts` : ids.join(' ');
}

/** One bar a batch on a common scale, each beginning where the one before ends. */
function bars({ batches, total_time: total }: Strategy): string[] {
  const scale = TIMELINE_WIDTH / Math.max(1, parseSeconds(total));
  const shown = timelineOf(batches.slice(0, MAX_BARS), new Date(0));
  const label = String(batches.length).length;
  const lines = shown.map(({ batch_id, from, until }) => {
    const start = Math.floor((from.getTime() / 1000) * scale);
    const end = Math.max(start + 1, Math.round((until.getTime() / 1000) * scale));
    return `${String(batch_id).padStart(label)} ${' '.repeat(start)}${'█'.repeat(end - start)}`;
  });
  const hidden = batches.length - shown.length;
  return hidden > 0 ? [...lines, `${' '.repeat(label)} … ${hidden} more batches`] : lines;
}

function excluded({ excluded_hosts: hosts }: Strategy): string[] {
  const lines = hosts
    .slice(0, MAX_EXCLUDED)
    .map(({ host_id, reason }) => `left out: ${host_id} (${reason})`);
  const more = hosts.length - lines.length;
  return more > 0 ? [...lines, `left out: ${more} more hosts`] : lines;
}

/** Seconds as people say them, `3600s` → `1h`, `13340s` → `3h 42m 20s`. */
export function human(seconds: string): string {
  const total = parseSeconds(seconds);
  const parts: [number, string][] = [
    [Math.floor(total / 3600), 'h'],
    [Math.floor((total % 3600) / 60), 'm'],
    [total % 60, 's'],
  ];
  const told = parts.filter(([value]) => value > 0).map(([value, unit]) => `${value}${unit}`);
  return told.length > 0 ? told.join(' ') : '0s';
}

/** A Mermaid gantt chart: paste it where Mermaid is drawn. Times count from the beginning of the release. */
export function planAsMermaid({ result }: PlanView): string {
  const { batches } = result.details.gray_strategy;
  const tasks = timelineOf(batches, new Date(0)).map(({ batch_id, from, until }, index) => {
    const hosts = batches[index]?.hosts.length ?? 0;
    const at = (date: Date) => String(Math.floor(date.getTime() / 1000));
    return `  batch ${batch_id} on ${hosts} host${hosts === 1 ? '' : 's'} : b${batch_id}, ${at(from)}, ${at(until)}`;
  });
  return [
    'gantt',
    `  title Gray release of ${mermaidText(result.details.service)}`,
    '  dateFormat X',
    '  axisFormat %H:%M',
    ...tasks,
  ].join('\n');
}

/** The plan as a Markdown table with its gantt chart. */
export function planAsMarkdown(view: PlanView): string {
  const { gray_strategy: strategy, service } = view.result.details;
  return [
    `## Gray plan of ${safe(service)}`,
    '',
    `Policy ${safe(strategy.policy)}: ${safe(strategy.policy_reason)}. ${human(strategy.total_time)} in all.`,
    '',
    '| batch | hosts | observe | after repair | judged by | why |',
    '|-|-|-|-|-|-|',
    ...strategy.batches.map((batch) =>
      [
        '',
        String(batch.batch_id),
        safe(hostsOf(batch)),
        human(batch.observation_time),
        human(batch.repair_observation_time),
        batch.judgement?.by ?? '-',
        safe([batch.reason, batch.judgement?.reason].filter(Boolean).join('; ')),
        '',
      ]
        .join(' | ')
        .trim(),
    ),
    '',
    ...strategy.notes.map((note) => `- ${safe(note)}`),
    '',
    ...codeBlock('mermaid', planAsMermaid(view)),
  ].join('\n');
}
