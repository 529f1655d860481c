import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';

async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] });
  const worker = await Worker.create({
    connection,
    taskQueue: process.env['TASK_QUEUE'] ?? 'release-executor',
    workflowsPath: require.resolve('./executor'),
    activities,
  });
  await worker.run();
}

void main();
