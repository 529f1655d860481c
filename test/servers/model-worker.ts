/**
 * A worker process of its own whose first attempt of `predictRisks` says REPLIED and then hangs, as long as the time
 * between a model's reply and the activity's report is in bad luck. Environment: ADDRESS, TASK_QUEUE, MODEL_URL, FOLDER.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { predictRisks } from '../../src/activities/predict-risks';
import { createModel } from '../../src/adapters/model/model';
import { riskDeps } from '../fixtures/risk-deps';
import { releasePrepBundle, stubActivities } from './release-worker';

const HANG_MS = 600_000;
const given = (name: string): string => process.env[name] ?? '';

async function main(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const folder = given('FOLDER');
  const model = createModel({ baseUrl: given('MODEL_URL'), model: 'm', cacheDir: folder });
  const deps = await riskDeps(model, folder);
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address: given('ADDRESS') }),
    taskQueue: given('TASK_QUEUE'),
    workflowBundle: await releasePrepBundle(),
    activities: stubActivities({
      predictRisks: async (args) => {
        const outcome = await predictRisks(deps, args);
        process.stdout.write('REPLIED\n');
        if (activityInfo().attempt === 1) await sleep(HANG_MS);
        return outcome;
      },
    }),
  });
  await worker.run();
}

void main();
