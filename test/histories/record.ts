/**
 * Records a history of each path into `test/histories/unreleased`: `npm run histories`, after a deliberate change of
 * the flow (with names: those paths only). A release renames that folder to its version; the folders of versions stay
 * as they are for as long as runs of that version may go on.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { createReleasePrepClient } from '../../src/client';
import { executorIdOf, GATE, gateIdOf, WORKFLOW, workflowIdOf } from '../../src/domain/names';
import { countedActivities } from '../fixtures/stacks/counted-activities';
import { startBench, executorBundle, type Bench } from '../fixtures/processes/release-worker';
import { fileOf, UNRELEASED } from './folders';
import { EXECUTOR_PATHS, GATE_PATHS, LOCK_PATHS, startLock } from './other-paths';
import { PATHS, type Path } from './paths';
import { RELEASE_PATHS, startReleaseWorld } from './release-paths';
import { smallIssue } from '../fixtures/releases/small-release';
import { historyToJSON } from '../fixtures/history-json';

const FOLDER = path.join(__dirname, UNRELEASED);
/** These fields describe the machine that recorded; replay reads none of them. */
const HIDDEN: Record<string, string> = { stackTrace: '', identity: 'recorder' };

/** One event a line. */
async function save(name: string, handle: WorkflowHandle): Promise<void> {
  const text = historyToJSON(await handle.fetchHistory());
  // A sticky queue is named by process and machine.
  const anonymous = text.replaceAll(/"\d+@[^"-]+-/g, '"recorder-');
  const { events } = JSON.parse(anonymous, (key, value: unknown) => HIDDEN[key] ?? value) as {
    events: unknown[];
  };
  const lines = events.map((event) => JSON.stringify(event)).join(',\n');
  const file = path.join(FOLDER, fileOf(name));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `{"events":[\n${lines}\n]}\n`);
  process.stdout.write(`${name}\n`);
}

async function recordPath(bench: Bench, name: string, { activities, input, drive }: Path) {
  const request = { service: name, version: 'v1.1.0', ...input };
  await bench.withWorker(countedActivities(activities).activities, async (taskQueue) => {
    const library = createReleasePrepClient({ client: bench.client, taskQueue });
    // Not by the library, which would refuse an input that the path is about.
    const workflowId = workflowIdOf(request.service, request.version, request.dry_run);
    const handle = await bench.client.workflow.start(WORKFLOW.releasePrep, {
      ...{ taskQueue, workflowId },
      args: [request],
    });
    await (drive?.({ handle, library, request }) ?? handle.result().catch(() => undefined));
    await save(name, bench.client.workflow.getHandle(workflowId));
  });
}

async function recordAll(only: string[]): Promise<void> {
  const wanted = (name: string) => only.length === 0 || only.includes(name);
  const bench = await startBench();
  for (const [name, one] of Object.entries(PATHS)) {
    if (wanted(name)) await recordPath(bench, name, one);
  }
  for (const [name, drive] of Object.entries(LOCK_PATHS)) {
    if (!wanted(name)) continue;
    await bench.withWorker({}, async (taskQueue) => {
      const lock = await startLock(bench.client, taskQueue, name);
      await drive(lock);
      await lock.handle.result();
      await save(name, lock.handle);
    });
  }
  for (const [name, drive] of Object.entries(GATE_PATHS)) {
    if (!wanted(name)) continue;
    await bench.withWorker({}, async (taskQueue) => {
      const workflowId = gateIdOf(taskQueue);
      const options = { taskQueue, workflowId, args: [] };
      const handle = await bench.client.workflow.start(GATE.type, options);
      await drive(bench.client, taskQueue);
      await save(name, handle);
    });
  }
  for (const [name, drive] of Object.entries(EXECUTOR_PATHS)) {
    if (!wanted(name)) continue;
    await bench.withWorkflows(await executorBundle(), async (taskQueue) => {
      const workflowId = `release/${name}/v1.1.0`;
      const handle = await bench.client.workflow.start(WORKFLOW.releaseExecutor, {
        ...{ taskQueue, workflowId },
        args: [],
      });
      await drive(handle);
      await handle.result();
      await save(name, handle);
    });
  }
  const releases = Object.entries(RELEASE_PATHS).filter(([name]) => wanted(name));
  if (releases.length > 0) await recordReleases(bench, releases);
  await bench.close();
}

async function recordReleases(
  bench: Bench,
  releases: [string, (typeof RELEASE_PATHS)[string]][],
): Promise<void> {
  const world = await startReleaseWorld();
  await bench.withExecutor(world.activities, (taskQueue) =>
    Promise.all(
      releases.map(async ([name, { changes, drive }]) => {
        const issue = smallIssue(name, changes);
        const { issue_id, digest } = issue;
        const handle = await bench.client.workflow.signalWithStart(WORKFLOW.releaseExecutor, {
          ...{ taskQueue, workflowId: executorIdOf(name, 'v1.1.0'), args: [] },
          ...{ signal: 'releaseIssue', signalArgs: [{ issue_id, digest, issue }] },
        });
        await drive?.(handle, issue);
        await handle.result();
        await save(name, handle);
      }),
    ),
  );
  await world.stop();
}

recordAll(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
