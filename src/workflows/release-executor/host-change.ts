import { condition, sleep } from '@temporalio/workflow';
import type { ActionProgress, ActionRef } from '../../domain/execution/execution';
import type { HostAction } from '../../guard/permit';
import { actionNoted, nextAttempt } from '../../steps/execution/release-record';
import { activities } from './executor-activities';
import type { Release, Wish } from './release';

export type HostWish = Extract<Wish, { type: 'deploy' | 'mitigate' | 'rollback' }>;
/** How an action on hosts ended. `late`: it was still running at its deadline. */
export type ChangeEnd = { end: 'succeeded' | 'failed' | 'late'; at: string; text: string };

/** Looks at an action that runs: often at first, later less so. */
const pauseAfter = (elapsedMs: number): number =>
  elapsedMs < 10_000 ? 1_000 : elapsedMs < 60_000 ? 5_000 : 15_000;

/**
 * Starts an action on hosts and waits for its end, at most until its deadline, which counts from here. The guard is
 * asked twice: here, and where the request is sent. `begun` is called before the request, which may have an effect even
 * if its answer is lost.
 */
export async function changeHosts(
  release: Release,
  wish: HostWish,
  {
    timeoutMs,
    begun,
    summary,
  }: { timeoutMs: number; begun: (at: string) => void; summary: string },
): Promise<ChangeEnd> {
  const { issue, record } = release;
  const at = release.isoNow();
  const action = release.withDigest(wish) as HostAction;
  const what = wish.type === 'mitigate' ? wish.action : wish.version;
  const batch = record.state.batches[record.state.batches.length - 1]?.batch_id ?? 0;
  const attempt = nextAttempt(record, `${wish.type} ${what} ${batch}`);
  const state = structuredCloneOf(record.state);
  begun(at);
  const ref = await activities.startAction.executeWithOptions({ summary }, [
    { issue, state, action, at, attempt },
  ]);
  const ended = await endOf(release, ref, { deadline: Date.parse(at) + timeoutMs, summary });
  const text = ended.progress.hosts
    .map(({ host_id, status, message }) => `${host_id}: ${message ?? status}`)
    .slice(0, 5)
    .join('; ');
  const { end } = ended;
  actionNoted(record, {
    ...{ at, ended_at: release.isoNow(), type: wish.type, hosts: [...wish.host_ids] },
    ...(wish.type === 'mitigate' ? { action: wish.action } : { version: wish.version }),
    result: end === 'succeeded' ? 'succeeded' : 'failed',
    ...(text !== '' && end !== 'succeeded' && { text }),
  });
  return { end, at: release.isoNow(), text };
}

async function endOf(
  { now, tick }: Release,
  ref: ActionRef,
  { deadline, summary }: { deadline: number; summary: string },
): Promise<{ end: ChangeEnd['end']; progress: ActionProgress }> {
  const began = now();
  for (;;) {
    const progress = await activities.readAction.executeWithOptions({ summary }, [ref]);
    const { status } = progress;
    const at = await tick();
    if (status === 'succeeded' || status === 'failed') return { end: status, progress };
    if (at >= deadline) return { end: 'late', progress };
    await sleep(Math.min(pauseAfter(at - began), deadline - at));
  }
}

/** As it was before the action: what follows is recorded in the same object. Workflow code has no structuredClone. */
const structuredCloneOf = <Value>(value: Value): Value =>
  // eslint-disable-next-line no-restricted-syntax -- a copy of this run's own state
  JSON.parse(JSON.stringify(value)) as Value;

/** Waits a while, or until a message comes. */
export const pauseOrMessage = (release: Release, ms: number): Promise<boolean> => {
  const heard = release.messages();
  return condition(() => release.messages() !== heard, Math.max(1, ms));
};
