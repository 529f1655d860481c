/** The stand-in executor of `npm run bench:load` as a process of its own. Environment: ADDRESS, TASK_QUEUE. */
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { BUNDLE, bundleAt } from '../../../src/temporal/workflow-bundle';

async function main(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address: process.env['ADDRESS'] ?? '' });
  const worker = await Worker.create({
    connection,
    taskQueue: process.env['TASK_QUEUE'] ?? '',
    workflowBundle: bundleAt(BUNDLE.sandboxExecutor),
  });
  process.stdout.write('READY\n');
  await worker.run();
}

void main();
