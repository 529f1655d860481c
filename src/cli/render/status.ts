import { stuckText } from '../../client/resume-run';
import type { RunStatus } from '../../client/run-status';
import { FAILURE, REFUSALS, releaseOf } from '../../domain/names';
import type { Waiting } from '../../domain/progress';
import { commandLine, type Named } from '../../steps/run/command-line';
import { PROGRAM } from '../invocation';
import { table } from './layout/table';
import { plainText } from '../../adapters/terminal/printable';
import { columnsOf } from './terminal-text';
import { tableStyle, terminalView } from './layout/terminal-view';

/** A run as text: its steps, the activities being retried, why it ended, and the command to continue it. */
export function renderStatus(status: RunStatus): string {
  const { progress, pending, state, workflowId } = status;
  const steps = Object.entries(progress?.steps ?? {}).map(([name, step]) => [
    name,
    step.state,
    step.summary ?? '',
  ]);
  const release = releaseOf(workflowId);
  const run = release && { ...release, program: PROGRAM };
  return [
    ...headLines(workflowId, `${state}${progress ? `, ${progress.phase}` : ''}`),
    ...(steps.length > 0 ? [stepTable(steps)] : ['no worker answers, so the steps are not known']),
    ...pending.map(
      ({ activity, attempt, lastFailure }) =>
        `${activity}: try ${attempt}${lastFailure === undefined ? '' : `, last failure: ${lastFailure}`}`,
    ),
    ...(run === null ? [] : nextLines(status, run)),
  ].join('\n');
}

/** On one line where there is room for it. */
function headLines(id: string, state: string): string[] {
  const line = `${id}  ${state}`;
  return columnsOf(line) <= terminalView('en').width ? [line] : [id, `  ${state}`];
}

const stepTable = (steps: readonly string[][]): string =>
  table(
    [{ head: 'step' }, { head: 'state' }, { head: 'summary', wraps: true }],
    steps.map((cells) => ({ cells: cells.map(plainText) })),
    tableStyle(terminalView('en')),
  );

/** What to do with a run that does not continue by itself. */
function nextLines({ state, progress, failure, stuck }: RunStatus, run: Named): string[] {
  if (stuck !== undefined) return [stuckText(run, stuck)];
  if (progress?.waiting !== undefined) return waitingLines(progress.waiting, run);
  if (state === 'RUNNING' || state === 'COMPLETED') return [];
  const why = failure === undefined ? [] : [plainText(`${failure.type}: ${failure.message}`)];
  if (failure?.type === FAILURE.invalidInput) return why;
  const refused = REFUSALS.includes(failure?.type ?? '');
  const again = refused ? 'to check again' : 'to continue from the failed step';
  return [...why, `${again}: ${commandLine('resume', run)}`];
}

/** A parked run: what failed, until when it waits, and the commands. */
export const waitingLines = ({ until, failed }: Waiting, run: Named): string[] => [
  ...failed.map(({ activity, type, message }) =>
    plainText(`${activity} failed (${type}): ${message}`),
  ),
  `waits until ${until}; after you fix the cause: ${commandLine('retry', run)}`,
  `it keeps its claim on the service; to cancel it: ${commandLine('cancel', run)}`,
];
