import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { activityInfo } from '@temporalio/activity';
import { parseConfig } from '../../../src/config/config';
import { LOCK, lockIdOf, WORKFLOW } from '../../../src/domain/names';
import { createReleaseLock } from '../../../src/adapters/release-lock-client';
import { findTemporalCli } from '../../../src/embedded/temporal-cli';
import { startTemporalServer, type TemporalServer } from '../../../src/embedded/temporal-server';
import { workerOptionsOf } from '../../../src/worker/worker-options';
import { issue, releasePlan } from '../../fixtures/outcomes';
import { releasePrepBundle, stubActivities } from '../../fixtures/processes/release-worker';
import { waitUntil } from '../../fixtures/wait';

jest.setTimeout(180_000);

const DEPLOYMENT = 'release-prep';
const TASK_QUEUE = `versions-${randomUUID()}`;
let server: TemporalServer;
let connection: Connection;
let native: NativeConnection;
let client: Client;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  server = await startTemporalServer({ ui: false });
  connection = await Connection.connect({ address: server.address });
  native = await NativeConnection.connect({ address: server.address });
  client = new Client({ connection });
}, 400_000);
afterAll(async () => {
  await native?.close();
  await connection?.close();
  await server?.stop();
});

/** Which build's worker ran an activity, by version of the preparation. */
const ranOn: Record<string, Set<string>> = {};
/** The plan of v1.0.1 waits for this. */
let goOn: () => void = () => undefined;
const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));

async function workerOf(build: string): Promise<{ stop: () => Promise<void> }> {
  const note = (): void => {
    const version = activityInfo().workflowExecution?.workflowId.split('/').at(-1) ?? '';
    (ranOn[version] ??= new Set()).add(build);
  };
  const settings = { WORKER_DEPLOYMENT_NAME: DEPLOYMENT, WORKER_BUILD_ID: build };
  const worker = await Worker.create({
    ...{ connection: native, taskQueue: TASK_QUEUE, workflowBundle: await releasePrepBundle() },
    ...workerOptionsOf(parseConfig(settings)),
    activities: stubActivities({
      planGrayStrategy: async ({ version }) => {
        note();
        if (version === 'v1.0.1') await mayGoOn;
        return { result: releasePlan, warnings: [] };
      },
      verifyVersion: async (input) => {
        const request = input as { service: string; version: string };
        const { outcome } = await stubActivities().verifyVersion(input);
        note();
        return { request, outcome };
      },
      recordIssue: async () => {
        note();
        return issue;
      },
    }),
  });
  const running = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await running;
    },
  };
}

const temporal = async (...args: string[]): Promise<string> => {
  const all = [...args, '--address', server.address];
  const { stdout } = await promisify(execFile)(await findTemporalCli(), all);
  return stdout;
};
/** The commands of docs/operations.md. */
const setCurrent = (build: string) =>
  eventually(() =>
    temporal(
      ...['worker', 'deployment', 'set-current-version', '--yes'],
      ...['--deployment-name', DEPLOYMENT, '--build-id', build],
    ),
  );
const describeVersion = (build: string) =>
  temporal(
    ...['worker', 'deployment', 'describe-version', '-o', 'json'],
    ...['--deployment-name', DEPLOYMENT, '--build-id', build],
  );

/** A version is known to the server a moment after its worker polls. */
const eventually = <Result>(body: () => Promise<Result>): Promise<Result> =>
  waitUntil(body, () => true, { everyMs: 500 });

const start = (version: string) =>
  client.workflow.start(WORKFLOW.releasePrep, {
    ...{ taskQueue: TASK_QUEUE, workflowId: `release-prep/user-service/${version}` },
    args: [{ service: 'user-service', version }],
  });

it('ends a run on the version it began on, begins new ones on the current version, and the lock moves on', async () => {
  const first = await workerOf('b1');
  await setCurrent('b1');
  const old = await start('v1.0.1');
  await eventually(async () => expect(ranOn['v1.0.1']).toEqual(new Set(['b1'])));
  // Its claim is not handed over, since the stub says so: a lock of our own that lives on.
  const holder = {
    ...{ service: 'cart', version: 'v2', workflow_id: old.workflowId, held_by: old.workflowId },
    ...{ until: null, phase: 'preparing' as const },
  };
  const lock = createReleaseLock(client, TASK_QUEUE);
  expect((await lock.claim({ holder })).granted).toBe(true);

  const second = await workerOf('b2');
  await setCurrent('b2');
  await (await start('v1.0.2')).result();
  expect(ranOn['v1.0.2']).toEqual(new Set(['b2']));
  await client.workflow
    .getHandle(lockIdOf(TASK_QUEUE, 'cart'))
    .signal(LOCK.end, { workflow_id: old.workflowId });
  await client.workflow.getHandle(lockIdOf(TASK_QUEUE, 'cart')).result();
  const { events } = await client.workflow.getHandle(lockIdOf(TASK_QUEUE, 'cart')).fetchHistory();
  const builds = (events ?? []).flatMap(
    ({ workflowTaskCompletedEventAttributes: done }) => done?.deploymentVersion?.buildId ?? [],
  );
  expect([builds[0], builds.at(-1)]).toEqual(['b1', 'b2']);

  goOn();
  expect(await old.result()).toEqual(issue);
  expect(ranOn['v1.0.1']).toEqual(new Set(['b1']));
  expect(await describeVersion('b1')).toContain('drain');
  await first.stop();
  await second.stop();
});
