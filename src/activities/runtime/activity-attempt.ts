import { activityInfo } from '@temporalio/activity';
import { inActivity } from './heartbeat';

export type Attempt = {
  run: string;
  activityId: string;
  activityType: string;
  /** From 1. */
  attempt: number;
  /** When this attempt was scheduled, milliseconds by the clock of the Temporal server. */
  scheduledAt: number;
  /** Since this attempt was scheduled. */
  elapsedMs: number;
  /** Until no attempt may go on any more. */
  remainingMs: number;
};

/** The attempt of the activity that this code runs in; undefined outside a worker (`release-prep try`). */
export function currentAttempt(now = Date.now()): Attempt | undefined {
  if (!inActivity()) return undefined;
  const info = activityInfo();
  return {
    run: info.workflowExecution?.runId ?? '',
    activityId: info.activityId,
    activityType: info.activityType,
    attempt: info.attempt,
    scheduledAt: info.currentAttemptScheduledTimestampMs,
    elapsedMs: now - info.currentAttemptScheduledTimestampMs,
    remainingMs: info.scheduledTimestampMs + info.scheduleToCloseTimeoutMs - now,
  };
}
