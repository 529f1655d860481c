/**
 * Records one history a path into this folder: `npm run histories`. Run it after a deliberate change of the flow
 * that `patched()` guards; old files stay as long as runs of their age may be replayed.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { Activities } from '../../src/activities';
import { WORKFLOW } from '../../src/domain/names';
import { startTemporalServer } from '../../src/embedded/temporal-server';
import { versionCheck } from '../fixtures/outcomes';
import { connectBench } from '../servers/release-worker';

const input = { service: 'user-service', version: 'v1.1.0' };
const down = (type: string) => () =>
  Promise.reject(ApplicationFailure.nonRetryable('it is down', type));
const slowly =
  <Result>(result: () => Promise<Result>) =>
  async () => {
    await new Promise((resolve) => setTimeout(resolve, 800));
    return result();
  };

const paths: Record<string, { activities: Partial<Activities>; cancel?: true; dryRun?: true }> = {
  happy: { activities: {} },
  'dry-run': {
    activities: {
      verifyVersion: async () => ({
        request: { ...input, dry_run: true },
        outcome: { result: versionCheck, warnings: [] },
      }),
    },
  },
  refused: {
    activities: {
      verifyVersion: async () => ({
        request: input,
        refusal: 'VersionConflict',
        outcome: { result: { ...versionCheck, status: 'failed' }, warnings: [] },
      }),
    },
  },
  conflict: {
    activities: {
      claimRelease: async () => [
        {
          kind: 'release_in_progress',
          service: 'user-service',
          holder: 'release-prep/user-service/v1.2.0',
          reason: 'user-service v1.2.0 is being prepared',
          until: null,
        },
      ],
    },
  },
  outdated: {
    activities: { confirmRelease: async () => ({ changes: ['node-1: not healthy any more'], conflicts: [] }) },
  },
  'no-chain': { activities: { traceServiceChain: down('ElasticsearchUnavailable') } },
  'no-risks': { activities: { predictRisks: down('InternalError') } },
  'no-metrics': { activities: { setThresholds: down('PrometheusUnavailable') } },
  'not-recorded': { activities: { recordIssue: down('IssueStoreUnavailable') } },
  'not-delivered': { activities: { deliverIssue: down('ExecutorUnavailable') } },
  cancelled: {
    cancel: true,
    activities: { traceServiceChain: slowly(async () => (await import('../fixtures/outcomes')).chain) },
  },
};

async function recordAll(): Promise<void> {
  const server = await startTemporalServer({ ui: false });
  const bench = await connectBench(server.address);
  await mkdir(__dirname, { recursive: true });
  for (const [name, { activities, cancel }] of Object.entries(paths)) {
    await bench.withWorker(activities, async (taskQueue) => {
      const handle = await bench.client.workflow.start(WORKFLOW.releasePrep, {
        taskQueue,
        workflowId: `release-prep/user-service/${name}`,
        args: [input],
      });
      if (cancel) {
        await new Promise((resolve) => setTimeout(resolve, 400));
        await handle.cancel();
      }
      await handle.result().catch(() => undefined);
      const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
      // Stack traces tell of the machine that recorded, and replay does not read them.
      const text = JSON.stringify(history, (key, value: unknown) => (key === 'stackTrace' ? '' : value), 1);
      await writeFile(path.join(__dirname, `${name}.json`), `${text}\n`);
      process.stdout.write(`${name}\n`);
    });
  }
  await bench.close();
  await server.stop();
}

recordAll().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
