import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { dataConverterOf } from '../../bootstrap/run-data-converter';
import { connect, createReleasePrepClient, type ReleasePrepClient } from '../../client';
import { NotResumableError } from '../../client/resume-run';
import type { RunStatus } from '../../client/run-status';
import { loadConfig } from '../../config/config';
import { commandLine, type Named } from '../../steps/run/command-line';
import { awaitIssue } from '../await-issue';
import { failed, usage } from '../exit-codes';
import { print, printJson, printView, tell } from '../print';
import { PROGRAM } from '../invocation';
import { renderStatus } from '../render/status';
import { watchProgress } from '../watch-progress';

/** Runs `body` with a client of the configured Temporal. */
export async function withClient<Result>(
  body: (client: ReleasePrepClient) => Promise<Result>,
): Promise<Result> {
  const config = loadConfig();
  const taskQueue = config.RELEASE_PREP_TASK_QUEUE;
  const { client, close } = await connect(dataConverterOf(config));
  try {
    return await body(createReleasePrepClient({ client, taskQueue, program: PROGRAM }));
  } finally {
    await close();
  }
}

type RunOptions = { json?: boolean; detach?: boolean; dryRun?: boolean; watch?: boolean };

/** `release-prep status S V`; with `--watch` it follows the run until it ends. */
export const status = (service: string, version: string, options: RunOptions): Promise<void> =>
  withClient(async (client) => {
    const { dryRun } = options;
    const find = async () => {
      const found = await client.status(service, version, dryRun);
      if (found === null) throw neverPrepared(service, version);
      return found;
    };
    const found = await find();
    const follows = options.watch === true && found.state === 'RUNNING';
    if (follows) {
      const watch = watchProgress(client, { service, version, dryRun, program: PROGRAM });
      // How it ended is in the status.
      await client.result(service, version, dryRun).catch(() => undefined);
      await watch.stop();
    }
    const last = follows ? await find() : found;
    if (options.json) printJson(last);
    else printView(last, renderStatus);
  });

/** `release-prep cancel S V`: asks; the run ends when its activities have. */
export const cancel = (service: string, version: string, { dryRun }: RunOptions): Promise<void> =>
  withClient(async (client) => {
    const found = await client.status(service, version, dryRun);
    if (found === null) throw neverPrepared(service, version);
    if (found.state !== 'RUNNING')
      throw usage(`${service} ${version} has ended (${stateText(found)}): nothing to cancel`);
    await client.cancel(service, version, dryRun);
    const see = commandLine('status', { service, version, dryRun, program: PROGRAM });
    tell(`cancellation requested for ${service} ${version}; to follow it: ${see}`);
  });

const stateText = ({ state }: RunStatus): string => state.toLowerCase().replaceAll('_', ' ');

const neverPrepared = (service: string, version: string) =>
  failed(`${service} ${version} was never prepared here, or its history was deleted`);

/** `release-prep resume S V`: continues from what failed, then shows the run as `prepare` does. */
export const resume = (service: string, version: string, options: RunOptions): Promise<void> =>
  withClient(async (client) => {
    const release = { service, version, dryRun: options.dryRun, program: PROGRAM };
    try {
      const { workflowId, runId } = await client.resume(service, version, options.dryRun);
      tell(`${workflowId} continues from the failed step (run ${runId})`);
      if (options.detach) return printRun({ workflow_id: workflowId, run_id: runId }, options);
    } catch (error) {
      if (!(error instanceof NotResumableError)) throw error;
      // Resuming twice gives the same issue.
      if (error.reason !== 'prepared') throw notResumable(error);
      tell(error.message);
    }
    await awaitEnd(client, release, options);
  });

const notResumable = ({ reason, message }: NotResumableError) =>
  reason === 'running' || reason === 'invalid-input' ? usage(message) : failed(message);

/** `release-prep retry S V`: what failed in a parked run (`--on-failure wait`) runs again. */
export const retry = (
  service: string,
  version: string,
  options: RunOptions & { step?: string },
): Promise<void> =>
  withClient(async (client) => {
    const release = { service, version, dryRun: options.dryRun, program: PROGRAM };
    try {
      const { retried } = await client.retry(service, version, options);
      tell(`retried: ${retried.join(', ')}`);
      if (options.detach) return printRun({ retried }, options);
    } catch (error) {
      throw await notRetried(client, error, release);
    }
    await awaitEnd(client, release, options);
  });

async function notRetried(client: ReleasePrepClient, error: unknown, release: Named) {
  const { service, version, dryRun } = release;
  if (error instanceof WorkflowUpdateFailedError) {
    const see = commandLine('status', release);
    return usage(`${error.cause?.message ?? error.message}; to see its state: ${see}`);
  }
  if (!(error instanceof WorkflowNotFoundError)) return error;
  const found = await client.status(service, version, dryRun);
  if (found === null) return neverPrepared(service, version);
  return usage(
    `${service} ${version} has ended (${stateText(found)}), nothing waits; to continue from the failed step: ${commandLine('resume', release)}`,
  );
}

const awaitEnd = (client: ReleasePrepClient, release: Named, { json }: RunOptions) =>
  awaitIssue(client, release, {
    result: client.result(release.service, release.version, release.dryRun),
    json,
  });

const printRun = (run: Record<string, unknown>, { json }: RunOptions): void =>
  print(json ? JSON.stringify(run) : Object.values(run).flat().join(' '));
