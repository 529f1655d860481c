import type { Progress, Waiting } from '../../domain/progress';
import type { Issue } from '../../domain/issue';

const MARK = { pending: '·', running: '…', done: '✓', failed: '✗', skipped: '–' } as const;

/** The run in Markdown, for the Temporal Web UI's current details. */
export function renderProgress(
  title: string,
  progress: Progress,
  end?: {
    issue?: Pick<Issue, 'issue_id' | 'digest' | 'expires_at' | 'warnings'>;
    failure?: string;
    /** What a person can do now. */
    todo?: Advice[];
  },
): string {
  const rows = Object.entries(progress.steps).map(
    ([name, step]) =>
      `| ${MARK[step.state]} | ${name} | ${step.state} | ${escapeCell(step.summary)} |`,
  );
  const lines = [
    `### ${escapeCell(title)}`,
    `**${progress.phase}**`,
    '',
    '| | step | state | summary |',
    '|-|-|-|-|',
    ...rows,
  ];
  if (progress.waiting !== undefined) lines.push('', ...waitingLines(progress.waiting));
  if (end?.failure !== undefined) lines.push('', `**Why:** ${escapeCell(end.failure)}`);
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
  `**Waits for a retry** until ${until}, then the run fails. It keeps its claim: no other version of the service can be prepared meanwhile.`,
  ...failed.map(
    ({ activity, step, type, message }) =>
      `- ${activity}${step === undefined ? '' : ` (${step})`}, ${escapeCell(type)}: ${escapeCell(message)}`,
  ),
];

function issueLines(
  issue: Pick<Issue, 'issue_id' | 'digest' | 'expires_at' | 'warnings'>,
): string[] {
  return [
    `**Issue** \`${issue.issue_id}\`, valid until ${issue.expires_at}`,
    `\`${issue.digest}\``,
    ...issue.warnings.slice(0, 20).map((w) => `- ${w.step_name}: ${escapeCell(w.message)}`),
    ...(issue.warnings.length > 20 ? [`- and ${issue.warnings.length - 20} more warnings`] : []),
  ];
}

/** Names and messages come from outside: they must not become Markdown, HTML or table cells. */
const escapeCell = (text = ''): string =>
  text
    .slice(0, 300)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|~#!]/g, '\\$&');
