import { activityInfo, Context } from '@temporalio/activity';

/** Reports to Temporal that a long activity is still running; a no-op outside a worker (`release-prep try`). */
export function heartbeat(details?: unknown): void {
  if (inActivity()) Context.current().heartbeat(details);
}

/** Aborts when the workflow cancels the activity; undefined outside a worker. */
export const cancellationSignal = (): AbortSignal | undefined =>
  inActivity() ? Context.current().cancellationSignal : undefined;

/** Whether this code runs inside a Temporal activity, and not in `release-prep try`. */
export function inActivity(): boolean {
  try {
    return activityInfo() !== undefined;
  } catch {
    return false;
  }
}

/** The SDK sends at most one heartbeat in two seconds to Temporal; heartbeats between are merged. */
const HEARTBEAT_MS = 1_000;

/** Runs `body` with a heartbeat every few seconds, so that a dead worker is noticed and a cancellation arrives. */
export async function withHeartbeat<Result>(
  body: (signal: AbortSignal | undefined) => Promise<Result>,
): Promise<Result> {
  heartbeat();
  const timer = setInterval(heartbeat, HEARTBEAT_MS);
  try {
    return await body(cancellationSignal());
  } finally {
    clearInterval(timer);
  }
}
