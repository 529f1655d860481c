import { checkShape } from './upstream/bounded-json';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { LOCK, lockIdOf, REJECTION } from '../domain/names';
import { ClaimHolder, ReleasedClaim, type ClaimRelease } from '../domain/release-claim';
import { UpstreamError } from './upstream/upstream-error';

/** What a person sees of the claim on a service. */
export type ClaimView = {
  /** The workflow that keeps the claim; `running: false`: the service has no holder. */
  workflow_id: string;
  running: boolean;
  /** Null if the service has no holder, or the workflow shows no readable holder. */
  holder: ClaimHolder | null;
  /** How the last claim was freed by hand, until the next claim. */
  released: ReleasedClaim | null;
};
/** `terminated`: the workflow did not answer, and was ended with the same text as reason. */
export type FreedClaim = { how: 'released' | 'terminated'; holder: ClaimHolder | null };

/** A worker answers within a second; without one nothing is gained by waiting longer. */
const ANSWER_LIMIT_MS = 10_000;
const MAX_TEXT = 1_000;

/** Who holds a service, read from the workflow's memo: no worker is needed. */
export async function showClaim(
  client: Client,
  taskQueue: string,
  service: string,
): Promise<ClaimView> {
  const id = lockIdOf(taskQueue, service);
  try {
    const { status, memo } = await client.workflow.getHandle(id).describe();
    const running = status.name === 'RUNNING';
    const holder = checkShape(ClaimHolder.nullish(), memo?.[LOCK.memo]).data ?? null;
    const released = checkShape(ReleasedClaim.nullish(), memo?.[LOCK.releasedMemo]).data ?? null;
    return { workflow_id: id, running, holder: running ? holder : null, released };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw unavailable(id, error);
    return { workflow_id: id, running: false, holder: null, released: null };
  }
}

/**
 * Frees a service by hand; name and reason are recorded. The workflow that keeps the claim is asked first. Where it does
 * not answer (no worker, a workflow task that fails again and again, a foreign workflow of that name) it is terminated
 * with the same text as reason. Null if the service had no holder, or another claim than `held`.
 */
export async function releaseClaim(
  client: Client,
  taskQueue: string,
  service: string,
  request: ClaimRelease,
): Promise<FreedClaim | null> {
  const id = lockIdOf(taskQueue, service);
  const handle = client.workflow.getHandle(id);
  try {
    const freed = await client.withDeadline(Date.now() + ANSWER_LIMIT_MS, () =>
      handle.executeUpdate<ReleasedClaim, [ClaimRelease]>(LOCK.release, { args: [request] }),
    );
    return { how: 'released', holder: freed.holder };
  } catch (error) {
    const rejection = rejectionOf(error);
    if (error instanceof WorkflowNotFoundError || rejection === REJECTION.notHeld) return null;
    if (rejection === REJECTION.malformed) throw error;
  }
  const { running, holder } = await showClaim(client, taskQueue, service);
  const { by, reason, held } = request;
  const isOther =
    held !== undefined &&
    holder !== null &&
    (held.workflow_id !== holder.workflow_id || held.since !== holder.since);
  if (!running || isOther) return null;
  try {
    await handle.terminate(`claim released by ${by}: ${reason}`.slice(0, MAX_TEXT));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw unavailable(id, error);
  }
  return { how: 'terminated', holder };
}

const rejectionOf = (error: unknown): string | undefined =>
  error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure
    ? (error.cause.type ?? undefined)
    : undefined;

const unavailable = (workflowId: string, cause: unknown) =>
  new UpstreamError('release-lock', `${workflowId}: ${(cause as Error).message}`, { cause });
