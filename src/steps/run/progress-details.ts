import type { Progress, Waiting } from '../../domain/progress';
import type { Issue } from '../../domain/issue';
import { escapeMarkdown } from '../text/escape-markdown';

const MARK = { pending: '·', running: '…', done: '✓', failed: '✗', skipped: '–' } as const;

/** The run in Markdown, for the Temporal Web UI's current details. */
export function renderProgress(
  title: string,
  progress: Progress,
  end?: {
    issue?: ShownIssue;
    failure?: string;
    /** What a person can do now. */
    todo?: Advice[];
  },
): string {
  const rows = Object.entries(progress.steps).map(
    ([name, step]) =>
      `| ${MARK[step.state]} | ${name} | ${step.state} | ${escapeMarkdown(step.summary)} |`,
  );
  const lines = [
    `### ${escapeMarkdown(title)}`,
    `**${progress.phase}**`,
    '',
    '| | step | state | summary |',
    '|-|-|-|-|',
    ...rows,
  ];
  if (progress.waiting !== undefined) lines.push('', ...waitingLines(progress.waiting));
  if (end?.failure !== undefined) lines.push('', `**Why:** ${escapeMarkdown(end.failure)}`);
  if (end?.issue !== undefined) lines.push('', ...issueLines(end.issue));
  if (end?.todo !== undefined) lines.push('', ...end.todo.map(adviceLine));
  return lines.join('\n');
}

/** A command to paste, and when. */
export type Advice = { when: string; command: string };

/** One backtick more than any in the command, since a name may hold some. */
function adviceLine({ when, command }: Advice): string {
  const longest = Math.max(1, ...(command.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `- ${when}: ${fence} ${command} ${fence}`;
}

const waitingLines = ({ until, failed }: Waiting): string[] => [
  `**Waits for a retry** until ${until}, then the run fails. It keeps its claim, so no other version of the service can be prepared until then.`,
  ...failed.map(
    ({ activity, step, type, message }) =>
      `- ${activity}${step === undefined ? '' : ` (${escapeMarkdown(step)})`}, ${escapeMarkdown(type)}: ${escapeMarkdown(message)}`,
  ),
];

type ShownIssue = Pick<Issue, 'issue_id' | 'digest' | 'expires_at' | 'warnings' | 'verdict'>;
const MAX_LINES = 20;

/** The verdict with its concerns; an issue without one (0.1.0) shows its warnings. */
function issueLines(issue: ShownIssue): string[] {
  const { verdict, warnings } = issue;
  const notes =
    verdict?.concerns.map(({ text }) => text) ??
    warnings.map(({ step_name, message }) => `${step_name}: ${message}`);
  const more = notes.length - MAX_LINES;
  return [
    ...(verdict === undefined ? [] : [`**${escapeMarkdown(verdict.sentence)}**`, '']),
    `**Issue** \`${issue.issue_id}\`, valid until ${issue.expires_at}`,
    `\`${issue.digest}\``,
    ...notes.slice(0, MAX_LINES).map((note) => `- ${escapeMarkdown(note)}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ];
}
