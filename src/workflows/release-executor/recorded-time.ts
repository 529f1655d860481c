import { proxyLocalActivities } from '@temporalio/workflow';
import type { ExecutorActivities } from '../../activities';

const { recordTime } = proxyLocalActivities<Pick<ExecutorActivities, 'recordTime'>>({
  startToCloseTimeout: '5s',
});

/** More than between two clocks that are kept right; a worker whose clock is off costs one more event each time. */
const STALE_MS = 2_000;

/**
 * The time by which a release decides, in milliseconds since 1970; an event of the history. `Date.now()` does not do: a
 * worker that first meets a run by a query also runs what follows the last workflow task, by the clock of that task, and
 * keeps that state (TypeScript SDK 1.24). What it decided so is decided otherwise by the next worker, whose replay has
 * the true time, and the run cannot go on. A local activity is only run for a workflow task; a time that was asked for
 * before it is old, and is asked for once more.
 */
export async function recordedTime(): Promise<number> {
  const { given, clock } = await recordTime(Date.now());
  if (Math.abs(clock - given) <= STALE_MS) return given;
  return (await recordTime(Date.now())).given;
}
