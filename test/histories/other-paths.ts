/** The paths through the workflow that holds a claim, the one that counts preparations, and the sandbox's executor. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { createPreparationGate } from '../../src/adapters/preparation-gate-client';
import { createReleaseLock } from '../../src/adapters/release-lock-client';
import { gateIdOf, LOCK, lockIdOf } from '../../src/domain/names';
import type { ClaimRelease, ReleasedClaim } from '../../src/domain/release-claim';
import { issue } from '../fixtures/outcomes';
import { sleep } from '../fixtures/wait';

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
const holderOf = (service: string, version: string) => {
  const id = `release-prep/${service}/${version}`;
  return { service, version, phase: 'preparing' as const, workflow_id: id, held_by: id, until: null };
};

type Lock = { service: string; lock: ReturnType<typeof createReleaseLock>; handle: WorkflowHandle };

/** What claims a service, one after the other; the lock ends by itself. */
export const LOCK_PATHS: Record<string, (lock: Lock) => Promise<unknown>> = {
  'lock-freed': async ({ service, lock, handle }) => {
    const holder = holderOf(service, 'v1');
    await lock.claim({ holder });
    await lock.claim({ holder });
    await handle.signal('end', { workflow_id: 'release-prep/somebody/else' });
    await handle.signal('end', { workflow_id: holder.workflow_id });
  },
  'lock-contended': async ({ service, lock, handle }) => {
    const first = await lock.claim({ holder: holderOf(service, 'v1') });
    await lock.claim({ holder: holderOf(service, 'v2') });
    await lock.claim({ holder: holderOf(service, 'v2'), replace: first.holder });
    await handle.signal('end', { workflow_id: holderOf(service, 'v2').workflow_id });
  },
  'lock-handed-over': async ({ service, lock, handle }) => {
    const holder = holderOf(service, 'v1');
    await lock.claim({ holder });
    const heldBy = `release/${service}/v1`;
    const until = inSeconds(60);
    await lock.claim({ holder: { ...holder, phase: 'releasing', held_by: heldBy, until } });
    // A newer issue of the version that is being released leaves the claim with the release.
    await lock.claim({ holder });
    await handle.signal('end', { workflow_id: heldBy });
  },
  // A person frees the claim that was shown; one that came later would stay.
  'lock-released': async ({ service, lock, handle }) => {
    const { holder } = await lock.claim({ holder: holderOf(service, 'v1') });
    const held = { workflow_id: holder.workflow_id, since: holder.since };
    const release = (request: ClaimRelease) =>
      handle.executeUpdate<ReleasedClaim, [ClaimRelease]>(LOCK.release, { args: [request] });
    const text = { by: 'operator', reason: 'its worker is gone' };
    await release({ ...text, held: { ...held, since: '2026-01-01T00:00:00.000Z' } }).catch(() => {});
    await release({ ...text, held });
  },
  'lock-runs-out': async ({ service, lock }) => {
    const holder = holderOf(service, 'v1');
    const until = inSeconds(1);
    await lock.claim({ holder: { ...holder, phase: 'releasing', held_by: 'release/x/v1', until } });
  },
  // The update of the first claim was lost: it ends after a minute.
  'lock-unclaimed': () => sleep(0),
};

/** Who asks to be let in; the gate goes on for as long as its task queue is used. */
export const GATE_PATHS: Record<string, (client: Client, taskQueue: string) => Promise<unknown>> = {
  'gate-admits-and-refuses': async (client, taskQueue) => {
    const gate = createPreparationGate(client, taskQueue, 1);
    const { runId } = await client.workflow.getHandle(gateIdOf(taskQueue)).describe();
    await gate.enter({ workflow_id: 'release-prep/gone/v1', run_id: 'gone' });
    // In its place: the first one has ended.
    await gate.enter({ workflow_id: gateIdOf(taskQueue), run_id: runId });
    await gate.enter({ workflow_id: 'release-prep/one-too-many/v1', run_id: 'one-too-many' });
  },
};

/** What reaches the sandbox's executor by signal. */
export const EXECUTOR_PATHS: Record<string, (handle: WorkflowHandle) => Promise<unknown>> = {
  'executor-holds-and-aborts': async (handle) => {
    const delivery = { issue_id: issue.issue_id, digest: issue.digest };
    await handle.signal('releaseIssue', { ...delivery, issue });
    await handle.signal('releaseIssue', { ...delivery, issue });
    await handle.signal('releaseIssue', { issue_id: 'large-r1', digest: 'sha256:1' });
    await handle.signal('abort');
  },
};

/** A lock of a service of its own, started as the first claim would. */
export async function startLock(client: Client, taskQueue: string, service: string): Promise<Lock> {
  const handle = await client.workflow.start('ReleaseLockWorkflow', {
    taskQueue,
    workflowId: lockIdOf(taskQueue, service),
    args: [],
  });
  return { service, lock: createReleaseLock(client, taskQueue), handle };
}
