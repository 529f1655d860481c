import { escapeMarkdown } from '../text/escape-markdown';
import { batchesOf } from './executable-issue';
import type { ReleaseRecord } from './release-record';

const MAX_EVENTS = 10;
const MAX_RULES = 20;

/** A release in Markdown, for the current details in Temporal's Web UI. */
export function renderRelease(record: ReleaseRecord): string {
  const { issue, phase, reason, state, readings, events } = record;
  const batches = batchesOf(issue);
  const current = state.batches[state.batches.length - 1]?.batch_id ?? 0;
  const lines = [
    `### ${escapeMarkdown(`Release - ${issue.service} ${issue.candidate}`)}`,
    `**${phase}**, batch ${current} of ${batches.length}, \`${issue.issue_id}\``,
  ];
  if (reason !== undefined) {
    const { code, text, value, limit, source } = reason;
    const level = value === undefined ? '' : ` (${value ?? 'no value'}, limit ${limit})`;
    const where = source === undefined ? '' : `, ${source}`;
    lines.push('', `**Why:** ${code}: ${escapeMarkdown(`${text}${level}${where}`)}`);
  }
  const shown = Object.values(readings).slice(0, MAX_RULES);
  if (shown.length > 0)
    lines.push(
      '',
      '| rule | value | limit | verdict |',
      '|-|-|-|-|',
      ...shown.map(
        ({ rule_id, value, limit, verdict }) =>
          `| ${escapeMarkdown(rule_id)} | ${value ?? '–'} | ${limit} | ${verdict} |`,
      ),
    );
  lines.push(
    '',
    ...events
      .slice(-MAX_EVENTS)
      .map(({ at, type, text }) => `- ${at} ${type}: ${escapeMarkdown(text)}`),
  );
  return lines.join('\n');
}
