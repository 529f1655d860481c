import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { LOCK, lockIdOf, WORKFLOW } from '../../../src/domain/names';
import { freePort } from '../../../src/embedded/server-process';
import { startTemporalServer, type TemporalServer } from '../../../src/embedded/temporal-server';
import { holdingReleaseSystem } from '../../fixtures/servers/holding-release-system';
import { spawnWorker, type ProductProcess } from '../../fixtures/processes/product-process';
import { exampleHosts } from '../../fixtures/stacks/stack';
import { waitUntil } from '../../fixtures/wait';

jest.setTimeout(180_000);

let server: TemporalServer;
let connection: Connection;
let client: Client;
let folder: string;
let environment: Record<string, string>;
let releases: Awaited<ReturnType<typeof holdingReleaseSystem>>;
const workers: ProductProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'worker-test-'));
  server = await startTemporalServer({ ui: false });
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection });
}, 400_000);
beforeEach(async () => {
  releases = await holdingReleaseSystem();
  environment = {
    ...{ TEMPORAL_ADDRESS: server.address, LLM_MODE: 'off', RELEASE_SYSTEM_URL: releases.url },
    ...{ PROMETHEUS_URL: 'http://127.0.0.1:9', ISSUE_STORE_URL: `file:${folder}/issues` },
    HEALTH_ADDRESS: `127.0.0.1:${await freePort()}`,
  };
});
afterEach(async () => {
  workers.splice(0).forEach(({ child }) => child.kill('SIGKILL'));
  await releases.stop();
});
afterAll(async () => {
  await connection?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const work = (changes: Record<string, string> = {}, cli?: string): ProductProcess => {
  const worker = spawnWorker({ ...environment, ...changes }, { cli });
  workers.push(worker);
  return worker;
};
const probe = async (
  name: 'livez' | 'readyz',
): Promise<{ code: number; draining?: unknown; [key: string]: unknown }> => {
  const response = await fetch(`http://${environment['HEALTH_ADDRESS']}/${name}`);
  return { ...((await response.json()) as Record<string, unknown>), code: response.status };
};
const until = <Result>(body: () => Promise<Result>, holds: (result: Result) => boolean) =>
  waitUntil(body, holds, {
    ...{ everyMs: 100, timeoutMs: 60_000 },
    message: () => workers.map((one) => one.output()).join('\n'),
  });
const untilReady = () =>
  until(
    () => probe('readyz'),
    ({ code }) => code === 200,
  );
const prepare = (service: string): Promise<WorkflowHandle> =>
  client.workflow.start(WORKFLOW.releasePrep, {
    ...{ taskQueue: 'release-prep', workflowId: `release-prep/${service}/v1.1.0` },
    args: [{ service, version: 'v1.1.0' }],
  });
const pendingOf = async (handle: WorkflowHandle) => (await handle.describe()).raw.pendingActivities;
const attemptsOf = async (handle: WorkflowHandle, activity: string): Promise<number[]> => {
  const { events = [] } = await handle.fetchHistory();
  const scheduled = (events ?? []).find(
    ({ activityTaskScheduledEventAttributes: one }) => one?.activityType?.name === activity,
  );
  return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: one }) =>
    one && String(one.scheduledEventId) === String(scheduled?.eventId) ? [one.attempt ?? 0] : [],
  );
};
const answerHosts = (service: string) =>
  releases.answerWith((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ hosts: exampleHosts(service) }));
  });

it('ends on SIGTERM with code 0 after the activity in flight has reported, and loses nothing of it', async () => {
  const first = work();
  expect(await untilReady()).toMatchObject({ worker: 'RUNNING', task_queue: 'release-prep' });
  const asked = releases.asked('reports');
  const handle = await prepare('reports');
  await asked;
  first.child.kill('SIGTERM');
  const ending = await until(
    () => probe('readyz'),
    ({ draining }) => draining === true,
  );
  expect(ending).toMatchObject({ code: 503, temporal: { reachable: true } });
  expect((await probe('livez')).code).toBe(200);
  await releases.stop();
  expect(await first.gone).toBe(0);

  // The release system cut the connection: that try has failed, and its failure has been reported.
  expect(await pendingOf(handle)).toMatchObject([
    { activityType: { name: 'verifyVersion' }, attempt: 2 },
  ]);
  await handle.terminate();
});

it('takes over what the worker before reported while it ended', async () => {
  const first = work();
  await untilReady();
  const asked = releases.asked('taken-over');
  const handle = await prepare('taken-over');
  let open: (() => void) | undefined;
  releases.answerWith((_request, response) => {
    open = () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ hosts: exampleHosts('taken-over') }));
    };
  });
  await asked;
  first.child.kill('SIGTERM');
  await until(
    () => probe('readyz'),
    ({ draining }) => draining === true,
  );
  open?.();
  expect(await first.gone).toBe(0);
  expect(await attemptsOf(handle, 'verifyVersion')).toEqual([1]);

  answerHosts('taken-over');
  work();
  await until(
    () => attemptsOf(handle, 'claimRelease'),
    (attempts) => attempts.length > 0,
  );
  expect(await attemptsOf(handle, 'verifyVersion')).toEqual([1]);
  await handle.terminate();
});

it('gives up an activity that outlasts the grace time; the next worker tries it again', async () => {
  const first = work({ WORKER_SHUTDOWN_GRACE: '1s' });
  await untilReady();
  const asked = releases.asked('gives-up');
  const handle = await prepare('gives-up');
  await asked;
  first.child.kill('SIGTERM');
  expect(await first.gone).toBe(0);
  answerHosts('gives-up');
  work();
  await until(
    () => attemptsOf(handle, 'verifyVersion'),
    (attempts) => attempts.includes(2),
  );
  await handle.terminate();
});

/** A claim that nobody answers: the service's lock runs on a queue without workers. */
async function untilClaimWaits(service: string): Promise<WorkflowHandle> {
  const lock = { taskQueue: 'nobody', workflowId: lockIdOf('release-prep', service), args: [] };
  await client.workflow.start(LOCK.type, lock);
  answerHosts(service);
  const handle = await prepare(service);
  await until(
    () => pendingOf(handle),
    (pending) => pending?.[0]?.activityType?.name === 'claimRelease',
  );
  return handle;
}

it('ends on SIGTERM with code 0 while a claim waits for a workflow task that it takes no more itself', async () => {
  const first = work({ WORKER_SHUTDOWN_GRACE: '1s' });
  await untilReady();
  const handle = await untilClaimWaits('claimed-in-vain');
  first.child.kill('SIGTERM');
  expect(await first.gone).toBe(0);
  expect(await pendingOf(handle)).toMatchObject([{ activityType: { name: 'claimRelease' } }]);
  await handle.terminate();
});

it('ends a preparation that is cancelled while its claim waits', async () => {
  work();
  await untilReady();
  const handle = await untilClaimWaits('cancelled-in-vain');
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
});

it('hands back what a killed worker held, long before a time-out would', async () => {
  const first = work();
  await untilReady();
  const asked = releases.asked('killed');
  const handle = await prepare('killed');
  await asked;
  first.child.kill('SIGKILL');
  expect(await first.gone).toBe('SIGKILL');
  const again = releases.asked('killed');
  work();
  await again;
  const [pending] = (await pendingOf(handle)) ?? [];
  expect(pending).toMatchObject({
    ...{ attempt: 2, lastFailure: { message: 'the worker of this activity was killed' } },
  });
  expect(pending?.lastFailure?.applicationFailureInfo?.type).toBe('WorkerLost');
  await handle.terminate();
});

it('is not ready, and alive, while Temporal is away', async () => {
  const own = await startTemporalServer({ ui: false });
  work({ TEMPORAL_ADDRESS: own.address });
  await untilReady();
  await own.stop();
  const unready = await until(
    () => probe('readyz'),
    ({ code }) => code === 503,
  );
  expect(unready).toMatchObject({ temporal: { reachable: false } });
  expect((await probe('livez')).code).toBe(200);
});

/** The built product once more, to be broken. */
function copyOfBuild(name: string): string {
  const root = path.resolve(__dirname, '../../..');
  const copy = path.join(folder, name);
  cpSync(path.join(root, 'dist'), path.join(copy, 'dist'), { recursive: true });
  cpSync(path.join(root, 'package.json'), path.join(copy, 'package.json'));
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return path.join(copy, 'dist');
}

it('says at once all that a start lacks: Temporal, upstreams and knowledge alike', async () => {
  const worker = work({
    ...{ TEMPORAL_ADDRESS: 'http://nowhere:7233', PROMETHEUS_URL: '' },
    KNOWLEDGE_DIR: path.join(folder, 'no-knowledge'),
  });
  expect(await worker.gone).toBe(2);
  const said = worker.output();
  expect(said).toContain('"http://nowhere:7233" is not HOST or HOST:PORT');
  expect(said).toContain('PROMETHEUS_URL');
  expect(said).toContain('no-knowledge:1: has no folder named risks');
});

it('does not start without a bundle, and says how to have one', async () => {
  const dist = copyOfBuild('none');
  rmSync(path.join(dist, 'workflow-bundle.js'));
  const worker = work({}, path.join(dist, 'src/cli.js'));
  expect(await worker.gone).toBe(4);
  expect(worker.output()).toMatch(/no workflow bundle at .*; run: npm run build/);
});

it('does not start with a bundle of other code', async () => {
  const dist = copyOfBuild('other');
  writeFileSync(path.join(dist, 'src/workflows/service-claim.js'), '// a later flow\n', {
    flag: 'a',
  });
  const worker = work({}, path.join(dist, 'src/cli.js'));
  expect(await worker.gone).toBe(4);
  expect(worker.output()).toMatch(/was built from other code than .*; run: npm run build/);
});
