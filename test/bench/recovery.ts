/**
 * Kills the product's own worker process (SIGKILL), starts it again one second later, and measures from the kill until
 * the run's next activity starts. Between activities: the last report has arrived, the next task is for the dead
 * worker's cache. During an activity: it was waiting for the release system. KILLS=20 of each kind.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { startTemporalServer } from '../../src/embedded/temporal-server';
import { WORKFLOW } from '../../src/domain/names';
import { versionCheck } from '../fixtures/outcomes';
import { holdingReleaseSystem } from '../fixtures/servers/holding-release-system';
import { spawnWorker, type ProductProcess } from '../fixtures/processes/product-process';
import { median, percentile } from './statistics';
import { showTargets } from './targets';
import { sleep } from '../fixtures/wait';

const KILLS = Number(process.env['KILLS'] ?? 20);
const RESTART_AFTER_MS = 1_000;
const STARTED = temporal.api.enums.v1.EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED;

async function kill({ child, gone }: ProductProcess): Promise<number> {
  child.kill('SIGKILL');
  await gone;
  return Date.now();
}

/** When the next activity started, by the server's clock, which is ours. */
async function startedAfter(handle: WorkflowHandle, killed: number): Promise<number> {
  for (;;) {
    const { events } = await handle.fetchHistory();
    const times = (events ?? [])
      .filter(({ eventType }) => eventType === STARTED)
      .map(({ eventTime }) => Number(eventTime?.seconds) * 1e3 + Number(eventTime?.nanos) / 1e6);
    const found = times.find((at) => at > killed);
    if (found !== undefined) return found;
    await sleep(20);
  }
}

const figures = (times: number[]) => ({
  kills: times.length,
  median_ms: Math.round(median(times)),
  max_ms: Math.round(percentile(times, 1)),
});
/** From the kill, of which the restart is a part. */
const AIM_MS = 3_000;

async function main() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'recovery-'));
  const server = await startTemporalServer({ ui: false });
  const releases = await holdingReleaseSystem();
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection });
  const env = {
    ...{ TEMPORAL_ADDRESS: server.address, LLM_MODE: 'off', LOG_LEVEL: 'INFO' },
    ...{ RELEASE_SYSTEM_URL: releases.url, PROMETHEUS_URL: 'http://127.0.0.1:9' },
    ...{ ISSUE_STORE_URL: `file:${folder}` },
  };
  let worker: ProductProcess = spawnWorker(env);

  /** One run, one kill; the time from the kill until the run goes on. */
  const once = async (kind: 'between' | 'during', version: string): Promise<number> => {
    const service = `${kind}-${version.replaceAll('.', '-')}`;
    const asked = releases.asked(service);
    const handle = await client.workflow.start(WORKFLOW.releasePrep, {
      ...{ taskQueue: 'release-prep', workflowId: `release-prep/${kind}/${version}` },
      args: [{ service, version }],
    });
    await asked;
    const killed = await kill(worker);
    const again = kind === 'during' ? releases.asked(service) : undefined;
    if (kind === 'between') {
      const request = { service, version };
      const result = { request, outcome: { result: versionCheck, warnings: [] } };
      await client.activity.complete({ workflowId: handle.workflowId, activityId: '1' }, result);
    }
    await sleep(RESTART_AFTER_MS);
    worker = spawnWorker(env);
    // A pending try leaves no event: the release system sees it.
    const at = again ? await again.then(() => Date.now()) : await startedAfter(handle, killed);
    await handle.terminate();
    return at - killed;
  };

  try {
    for (const kind of ['between', 'during'] as const) {
      const times: number[] = [];
      for (let n = 0; n < KILLS; n += 1) times.push(await once(kind, `v1.0.${n}`));
      const found = figures(times);
      console.log(JSON.stringify({ kind, restarted_after_ms: RESTART_AFTER_MS, ...found }));
      const what = `a run goes on after a kill ${kind} activities, median`;
      showTargets([{ what, measured: found.median_ms, unit: ' ms', atMost: AIM_MS }]);
    }
  } finally {
    worker.child.kill('SIGKILL');
    await releases.stop();
    await connection.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

void main();
