import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { issueStoreOf } from '../bootstrap/create-issue-store';
import type { ReleasePrepClient } from '../client';
import { loadConfig } from '../config/config';
import type { Issue } from '../domain/issue';
import type { IssueReference } from '../domain/issue-reference';
import { FAILURE, REFUSALS } from '../domain/names';
import { commandLine, prepareLine, type Named } from '../steps/run/command-line';
import { deliveryText } from './delivery-text';
import { CommandError, EXIT, failed, usage } from './exit-codes';
import { printJson, printView, tell } from './print';
import { renderIssue } from './render/issue';
import { terminalView } from './render/layout/terminal-view';
import { watchProgress } from './watch-progress';

/** Short output after waiting; `show` prints all plans. */
const PLANS_SHOWN = 3;

/**
 * `more`: the command that shows what is left out; default `show`. `quiet`: the caller prints the issue. `embedded`: the
 * Temporal server ends with this command, so that no other command can continue the run.
 */
type EndOptions = {
  result: Promise<Issue | IssueReference>;
  json?: boolean;
  quiet?: boolean;
  embedded?: boolean;
  more?: string;
  lang?: string;
};

/** Shows a run until it ends and prints its issue; throws CommandError with the contract's exit code. */
export async function awaitIssue(
  library: ReleasePrepClient,
  release: Named,
  { result, json, quiet, more, lang, embedded }: EndOptions,
): Promise<Issue> {
  const watch = watchProgress(library, release);
  try {
    const later = embedded
      ? `the preparation ends with ${SERVER_OF_ITS_OWN}. To prepare again, run the same command`
      : `the preparation continues. To join it: ${prepareLine(release)}`;
    const issue = await wholeIssue(await untilInterrupted(result, later));
    await watch.stop();
    if (json && !quiet) printJson(issue);
    if (!json && !quiet) {
      const plans = release.dryRun ? undefined : PLANS_SHOWN;
      const view = terminalView(lang);
      printView(issue, (one) => renderIssue(one, { plans, more, view }));
    }
    tell(await deliveryText(library, release));
    return issue;
  } catch (error) {
    await watch.stop();
    throw endOf(error, embedded ? AGAIN : hintsOf(release));
  }
}

const SERVER_OF_ITS_OWN = 'its Temporal server, which was inside this command';

/** Another caller may have started the run and asked for a reference. */
async function wholeIssue(result: Issue | IssueReference): Promise<Issue> {
  if ('steps' in result) return result;
  const issue = await issueStoreOf(loadConfig()).get(result.issue_id);
  if (issue === null) throw failed(`issue ${result.issue_id} is not in the issue store`);
  return issue;
}

/** Ctrl-C ends the command, not the run. */
async function untilInterrupted<Result>(result: Promise<Result>, later: string): Promise<Result> {
  let interrupt: () => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => reject(new CommandError(EXIT.interrupted, `interrupted; ${later}`));
  });
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await Promise.race([result, interrupted]);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

const OVERRIDABLE = new Set<string | undefined | null>([
  FAILURE.releaseInProgress,
  FAILURE.neighbourReleasing,
  FAILURE.releaseFrozen,
]);
const OVERRIDE_HINT =
  '\nWait for its end, or continue in spite of it: --override-by NAME --override-reason TEXT (the issue records both)';

/** What a person can do after each end, on lines of their own. */
type Hints = { cancelled: string; broken: string; refused: string; failed: string };

function hintsOf(release: Named): Hints {
  const resume = commandLine('resume', release);
  return {
    cancelled: `To continue it: ${resume}`,
    broken: `To continue from where it stopped: ${resume}`,
    refused: `To check again: ${resume}`,
    failed: `Once the cause is fixed, to continue from the failed step: ${resume}\nTo prepare again from the start: ${prepareLine(release)}`,
  };
}

const AGAIN: Hints = {
  cancelled: 'To prepare again, run the same command.',
  broken: 'To prepare again, run the same command.',
  refused: 'To check again, run the same command.',
  failed: 'Once the cause is fixed, run the same command again.',
};

function endOf(error: unknown, hints: Hints): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  const { cause } = error;
  if (cause instanceof CancelledFailure)
    return failed(`the preparation was cancelled\n${hints.cancelled}`);
  if (!(cause instanceof ApplicationFailure))
    return failed(`${cause?.message ?? error.message}\n${hints.broken}`);
  if (REFUSALS.includes(cause.type ?? '')) {
    const verdict = cause.details?.[0];
    if (verdict !== undefined) printJson(verdict);
    const hint = OVERRIDABLE.has(cause.type) ? OVERRIDE_HINT : '';
    return new CommandError(
      EXIT.refused,
      `refused (${cause.type}): ${cause.message}${hint}\n${hints.refused}`,
    );
  }
  if (cause.type === FAILURE.invalidInput) return usage(cause.message);
  return failed(`failed (${cause.type}): ${cause.message}\n${hints.failed}`);
}
