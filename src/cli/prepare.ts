import { WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { dataConverterOf } from '../build-deps';
import { connect, createReleasePrepClient } from '../client';
import { loadConfig, type Config } from '../config';
import type { Issue } from '../domain/issue';
import { FAILURE, REFUSALS } from '../domain/names';
import { startEmbedded } from './embedded';
import { CommandError, EXIT, failed, print, printJson, tell, usage } from './exit';
import { readHosts } from './input';
import { renderIssue } from './render';
import { watchProgress } from './watch';

export type PrepareOptions = {
  service: string;
  version: string;
  hosts?: string;
  executor?: string;
  json?: boolean;
  detach?: boolean;
  dryRun?: boolean;
  embedded?: boolean;
  overrideBy?: string;
  overrideReason?: string;
};

/** `release-prep prepare`: starts or joins a preparation and prints the issue. */
export async function prepare(options: PrepareOptions): Promise<void> {
  if (options.detach && options.embedded)
    throw usage('--detach: an embedded server ends with this command');
  const config = loadConfig();
  const request = requestOf(options, await readHosts(options.hosts));
  const session = options.embedded
    ? await startEmbedded(config, { ui: false })
    : await connected(config);
  const close = 'stop' in session ? session.stop : session.close;
  try {
    await prepareWith(session.client, config.RELEASE_PREP_TASK_QUEUE, request, options);
  } finally {
    await close();
  }
}

async function connected(config: Config) {
  try {
    return await connect(dataConverterOf(config));
  } catch (error) {
    throw failed(
      `Temporal does not answer: ${(error as Error).message}. Set TEMPORAL_ADDRESS, or try --embedded.`,
    );
  }
}

const requestOf = (options: PrepareOptions, hosts: unknown) => {
  const { service, version, executor, dryRun, overrideBy: by, overrideReason: reason } = options;
  if ((by === undefined) !== (reason === undefined))
    throw usage('--override-by and --override-reason: give both');
  return {
    service,
    version,
    ...(by !== undefined && reason !== undefined && { override: { by, reason } }),
    ...(hosts !== undefined && { hosts }),
    ...(executor !== undefined && { executor: { workflow_id: executor } }),
    ...(dryRun && { dry_run: true }),
  };
};

/** Starts (or joins), watches and prints; throws CommandError with the contract's exit code. */
export async function prepareWith(
  client: Client,
  taskQueue: string,
  request: ReturnType<typeof requestOf>,
  options: Pick<PrepareOptions, 'json' | 'detach' | 'dryRun'>,
): Promise<Issue | undefined> {
  const { service, version } = request;
  const library = createReleasePrepClient({ client, taskQueue });
  const { handle, workflowId, runId } = await library.start(request);
  tell(`${workflowId} (run ${runId})`);
  if (options.detach) {
    print(options.json ? JSON.stringify({ workflow_id: workflowId, run_id: runId }) : workflowId);
    return undefined;
  }
  const watch = watchProgress(library, { service, version, dryRun: options.dryRun });
  const again = `release-prep prepare --service '${service}' --version '${version}'`;
  try {
    const issue = (await untilInterrupted(handle.result(), again)) as Issue;
    await watch.stop();
    if (options.json) printJson(issue);
    else print(renderIssue(issue));
    return issue;
  } catch (error) {
    await watch.stop();
    throw endOf(error, again);
  }
}

/** Ctrl-C ends the command, not the run. */
async function untilInterrupted<Result>(result: Promise<Result>, again: string): Promise<Result> {
  let interrupt: () => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () =>
      reject(
        new CommandError(
          EXIT.interrupted,
          `interrupted; the preparation goes on. Join it with: ${again}`,
        ),
      );
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
  '\nWait for its end, or go on in spite of it: --override-by NAME --override-reason TEXT (both stand in the issue)';

function endOf(error: unknown, again: string): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  const { cause } = error;
  if (cause instanceof CancelledFailure) return failed('the preparation was cancelled');
  if (!(cause instanceof ApplicationFailure)) return failed(cause?.message ?? error.message);
  if (REFUSALS.includes(cause.type ?? '')) {
    const verdict = cause.details?.[0];
    if (verdict !== undefined) printJson(verdict);
    const hint = OVERRIDABLE.has(cause.type) ? OVERRIDE_HINT : '';
    return new CommandError(EXIT.refused, `refused (${cause.type}): ${cause.message}${hint}`);
  }
  if (cause.type === FAILURE.invalidInput) return usage(cause.message);
  return failed(`failed (${cause.type}): ${cause.message}\nPrepare it anew with: ${again}`);
}
