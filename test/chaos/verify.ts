import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { createReleaseLock } from '../../src/adapters/release-lock-client';
import { openIssue } from '../../src/adapters/issue-store/seal';
import type { Issue } from '../../src/domain/issue';
import { executorIdOf, LOCK, lockIdOf, SIGNAL, workflowIdOf } from '../../src/domain/names';
import type { Arena } from './arena';

/** What is left of a run once it has ended well; `faults` must be empty. */
export type Found = { issues: number; effective: number; received: number; faults: string[] };

type ExecutorState = { received: { issue_id: string; digest: string }[] };

/** Compares what the store, the executor, the lock and the progress say with the issue that the run returned. */
export async function findWhatIsLeft(
  arena: Arena,
  { service, version, issue }: { service: string; version: string; issue: Issue },
): Promise<Found> {
  const faults: string[] = [];
  const expect = (holds: boolean, otherwise: string) => void (holds || faults.push(otherwise));
  const listed = (await arena.store.list({ service, limit: 100 })).filter(
    ({ candidate }) => candidate === version,
  );
  const stored = await arena.store.get(issue.issue_id);
  expect(stored?.digest === issue.digest, 'the stored issue is not the one that the run returned');

  const executor = arena.temporal.client.workflow.getHandle(executorIdOf(service, version));
  const { received } = await executor.query<ExecutorState>('state');
  const digests = received.map(({ digest }) => digest);
  expect(digests.length !== 1 || digests[0] === issue.digest, 'another digest was delivered');

  const lock = createReleaseLock(arena.temporal.client, arena.taskQueue);
  const holder = await lock.holderOf(service);
  expect(holder?.held_by === executor.workflowId, `the claim is held by ${holder?.held_by}`);
  expect(holder?.phase === 'releasing', `the claim is ${holder?.phase}`);

  const { phase, steps } = await arena.client.progress(service, version);
  const states = Object.values(steps).map(({ state }) => state);
  expect(phase === 'prepared', `the progress is ${phase}`);
  expect(
    states.every((state) => state === 'done'),
    `steps are ${states.join(', ')}`,
  );
  return {
    issues: listed.length,
    effective: digests.length,
    received: await signalsTo(executor),
    faults,
  };
}

/** Deliveries as they came, those included that the executor dropped. */
async function signalsTo(executor: WorkflowHandle): Promise<number> {
  const { events = [] } = await executor.fetchHistory();
  return (events ?? []).filter(
    ({ workflowExecutionSignaledEventAttributes: signal }) =>
      signal?.signalName === SIGNAL.releaseIssue,
  ).length;
}

/** How often Temporal had a step tried, and the steps that it had done more than once, a resumed run's included. */
export async function triesOf(
  arena: Arena,
  workflowId: string,
  step: string,
): Promise<{ tries: number; doneTwice: string[] }> {
  const { events } = await arena.temporal.client.workflow.getHandle(workflowId).fetchHistory();
  const scheduled = new Map<string, string>();
  const done: string[] = [];
  let tries = 0;
  for (const event of events ?? []) {
    const name = event.activityTaskScheduledEventAttributes?.activityType?.name;
    if (name) scheduled.set(String(event.eventId), name);
    const started = event.activityTaskStartedEventAttributes;
    if (started && scheduled.get(String(started.scheduledEventId)) === step)
      tries += started.attempt ?? 1;
    const { scheduledEventId } = event.activityTaskCompletedEventAttributes ?? {};
    if (scheduledEventId) done.push(scheduled.get(String(scheduledEventId)) ?? '');
  }
  return { tries, doneTwice: done.filter((name, at) => done.indexOf(name) !== at) };
}

/** The claims that are held although their run has ended without an executor. */
export async function claimIsFree(arena: Arena, service: string): Promise<boolean> {
  const lock = createReleaseLock(arena.temporal.client, arena.taskQueue);
  return (await lock.holderOf(service)) === null;
}

/** What a row leaves behind once its executors have ended: running workflows, and files that are no issue. */
export async function findLeftovers(
  arena: Arena,
  ended: { service: string; version: string }[],
): Promise<string[]> {
  const { client } = arena.temporal;
  const faults: string[] = [];
  for (const { service, version } of ended) {
    const { status } = await client.workflow.getHandle(workflowIdOf(service, version)).describe();
    if (status.name === 'RUNNING') faults.push(`${service} ${version} still runs`);
    const { memo } = await client.workflow.getHandle(lockIdOf(arena.taskQueue, service)).describe();
    const holder = memo?.[LOCK.memo] as { workflow_id?: string } | null | undefined;
    if (holder && holder.workflow_id !== workflowIdOf(service, version))
      faults.push(`the lock of ${service} is held by ${holder.workflow_id}`);
  }
  const files = await readdir(arena.storeFolder).catch((): string[] => []);
  for (const file of files.filter((name) => name !== 'payloads')) {
    const trouble = await readFile(path.join(arena.storeFolder, file), 'utf8')
      .then((text) => openIssue(path.basename(file, '.json'), JSON.parse(text) as unknown))
      .then(
        () => (file.endsWith('.json') ? '' : 'it has another name'),
        (error: unknown) => String(error),
      );
    if (trouble) faults.push(`${file} is no whole issue: ${trouble}`);
  }
  const open = await openFilesIn(arena.storeFolder, arena.gates.pid());
  return [...faults, ...open.map((file) => `the worker still holds ${file} open`)];
}

async function openFilesIn(folder: string, pid: number): Promise<string[]> {
  const handles = await readdir(`/proc/${pid}/fd`).catch((): string[] => []);
  const files = await Promise.all(
    handles.map((handle) => readlink(`/proc/${pid}/fd/${handle}`).catch(() => '')),
  );
  return files.filter((file) => file.startsWith(folder));
}
