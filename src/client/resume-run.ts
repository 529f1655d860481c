import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, defineSearchAttributeKey } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { FAILURE, REJECTION, SEARCH_ATTRIBUTE, UPDATE, workflowIdOf } from '../domain/names';
import { commandLine, prepareLine, type Named } from '../steps/run/command-line';
import { resumePoint } from '../steps/run/reset-point';
import { endOf, runEvents, taskFailure } from './run-history';

export type NotResumableReason =
  'never-prepared' | 'running' | 'stuck' | 'prepared' | 'invalid-input' | 'not-started';

const PHASE = defineSearchAttributeKey(SEARCH_ATTRIBUTE.phase, 'KEYWORD');

/** There is nothing to resume; the message says why and which command to run instead. */
export class NotResumableError extends Error {
  override readonly name = 'NotResumableError';
  readonly reason: NotResumableReason;
  constructor(reason: NotResumableReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

const { ResetWorkflowExecutionRequest: ResetRequest } = temporal.api.workflowservice.v1;

export type Resumed = { workflowId: string; runId: string };
type Description = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>;

/**
 * Resumes the newest run of a release. A parked run retries what failed. A run that ended is reset to its last
 * workflow task, in which the workflow checks whether it was reset and runs what failed (workflows/rerun-decision.ts).
 * Two callers at the same time resume the same run. Throws NotResumableError.
 */
export async function resumeRun(client: Client, release: Named): Promise<Resumed> {
  const { service, version, dryRun } = release;
  const workflowId = workflowIdOf(service, version, dryRun);
  const run = await describe(client, workflowId, release);
  const { name: state } = run.status;
  if (state === 'COMPLETED') {
    throw new NotResumableError(
      'prepared',
      `${service} ${version} is already prepared, there is nothing to resume; to prepare a new issue: ${prepareLine(release)}`,
    );
  }
  return ENDED.has(state) ? reset(client, run, release) : retryParked(client, run, release);
}

const ENDED: ReadonlySet<string> = new Set(['FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);

async function describe(client: Client, workflowId: string, release: Named): Promise<Description> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const { service, version } = release;
    throw new NotResumableError(
      'never-prepared',
      `${service} ${version} was never prepared here, or its history was deleted; to prepare it: ${prepareLine(release)}`,
    );
  }
}

async function retryParked(
  client: Client,
  { workflowId, runId, typedSearchAttributes, raw }: Description,
  release: Named,
): Promise<Resumed> {
  const { service, version } = release;
  const handle = client.workflow.getHandle(workflowId, runId);
  if (typedSearchAttributes.get(PHASE) === 'waiting') {
    await handle.executeUpdate(UPDATE.retryStep).catch((error: unknown) => {
      // Another caller may have retried it between the two requests.
      if (!isNotWaiting(error)) throw error;
    });
    return { workflowId, runId };
  }
  const attempts = raw.pendingWorkflowTask?.attempt ?? 1;
  const reason = attempts > 1 ? await taskFailure(handle) : undefined;
  if (reason !== undefined) throw new NotResumableError('stuck', stuckText(release, reason));
  throw new NotResumableError(
    'running',
    `${service} ${version} is still running, there is nothing to resume; to see its state: ${commandLine('status', release)}`,
  );
}

const isNotWaiting = (error: unknown): boolean =>
  error instanceof WorkflowUpdateFailedError &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === REJECTION.notWaiting;

/** Explains what to do with a run that no worker can replay. */
export const stuckText = (release: Named, reason: string): string =>
  `${release.service} ${release.version} is running, but no worker can continue it: ${reason}\n` +
  'It was started by another build: run a worker of that build until it ends, or cancel it ' +
  `(${commandLine('cancel', release)}) and prepare it again`;

async function reset(client: Client, run: Description, release: Named): Promise<Resumed> {
  const { workflowId, runId } = run;
  const handle = client.workflow.getHandle(workflowId, runId);
  const failure = await endOf(handle);
  if (failure instanceof ApplicationFailure && failure.type === FAILURE.invalidInput) {
    throw new NotResumableError(
      'invalid-input',
      `its input was refused: ${failure.message}; prepare it again with another input: ${prepareLine(release)}`,
    );
  }
  const eventId = resumePoint(
    runEvents(await handle.fetchHistory()),
    run.status.name === 'CANCELLED',
  );
  // Someone may have resumed or restarted it while the history was read; a reset would terminate that run.
  const newest = await describe(client, workflowId, release);
  if (newest.runId !== runId) return { workflowId, runId: newest.runId };
  if (eventId === null) {
    throw new NotResumableError(
      'not-started',
      `no worker ever started the run; prepare it again: ${prepareLine(release)}`,
    );
  }
  const request = ResetRequest.fromObject({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: eventId,
    // History stores this as plain text even with encryption: give the failure's type, not its message.
    reason: `release-prep resume, after: ${typeOf(failure) ?? run.status.name}`,
    // Makes the reset idempotent: a repeated request returns the run that the first one created.
    requestId: `resume-${runId}-${eventId}`,
    identity: client.options.identity,
  });
  const reply = await client.workflowService.resetWorkflowExecution(request);
  return { workflowId, runId: reply.runId };
}

const typeOf = (failure: Error | undefined): string | undefined =>
  failure instanceof ApplicationFailure ? (failure.type ?? undefined) : failure?.name;
