import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createDataConverter } from '../../../src/temporal/data-converter';
import type { Issue } from '../../../src/domain/issue';
import { WORKFLOW } from '../../../src/domain/names';
import { startTemporalServer } from '../../../src/embedded/temporal-server';
import { planBatches } from '../../../src/steps/release-plan/plan-batches';
import { hostOf, policy } from '../../fixtures/fleets';
import { issue, releasePlan } from '../../fixtures/outcomes';
import { releasePrepBundle, stubActivities } from '../../fixtures/processes/release-worker';

jest.setTimeout(120_000);

const folder = mkdtempSync('/tmp/release-prep-payloads-');
const dataConverter = createDataConverter({ url: `file:${folder}`, index: 'unused' }, []);
let server: Awaited<ReturnType<typeof startTemporalServer>>;
let connection: Connection;
let native: NativeConnection;
beforeAll(async () => {
  server = await startTemporalServer({ ui: false });
  connection = await Connection.connect({ address: server.address });
  native = await NativeConnection.connect({ address: server.address });
}, 400_000);
afterAll(async () => {
  await native?.close();
  await connection?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A plan for 100,000 hosts, as the activity hands it to the workflow and the workflow to the record. */
function largePlan() {
  const hosts = Array.from({ length: 100_000 }, (_, i) =>
    hostOf(i, { host_id: `dc${i % 30}-service-node-${i}`, zone: `z${i % 30}` }),
  );
  const plan = planBatches({ service: 's', targets: hosts, fleet: hosts }, policy());
  const strategy = { ...releasePlan.details.gray_strategy, ...plan };
  return { ...releasePlan, details: { ...releasePlan.details, gray_strategy: strategy } };
}

it('carries a plan for 100,000 hosts beside the history, and a changed payload fails', async () => {
  const plan = largePlan();
  const large = {
    ...issue,
    steps: [issue.steps[0], issue.steps[1], plan, issue.steps[3]],
  } as Issue;
  const taskQueue = `test-${randomUUID()}`;
  const recorded: number[] = [];
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await releasePrepBundle(),
    dataConverter,
    activities: stubActivities({
      planGrayStrategy: async () => ({ result: plan, warnings: [] }),
      recordIssue: async ({ releasePlan: { result } }) => {
        recorded.push(result.details.gray_strategy.batches.flatMap(({ hosts }) => hosts).length);
        return large;
      },
    }),
  });
  await worker.runUntil(async () => {
    const client = new Client({ connection, dataConverter });
    const handle = await client.workflow.start(WORKFLOW.releasePrep, {
      taskQueue,
      workflowId: `release-prep/user-service/${randomUUID()}`,
      args: [{ service: 'user-service', version: 'v1.1.0' }],
    });
    expect(await handle.result()).toEqual(large);
    expect(recorded).toEqual([100_000]);
    const { raw } = await handle.describe();
    expect(Number(raw.workflowExecutionInfo?.historySizeBytes)).toBeLessThan(256 * 1024);

    const files = readdirSync(path.join(folder, 'payloads'));
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) writeFileSync(path.join(folder, 'payloads', file), 'changed');
    await expect(handle.result()).rejects.toThrow(/was changed/);
  });
});
