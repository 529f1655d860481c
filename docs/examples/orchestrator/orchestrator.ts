import { Client, Connection } from '@temporalio/client';
import { createDataConverter, createReleasePrepClient, REFUSALS } from 'release-prep';

/** Prepares a release and prints what an executor needs. Usage: orchestrator SERVICE VERSION */
async function main([service, version]: string[]): Promise<void> {
  if (service === undefined || version === undefined) throw new Error('SERVICE VERSION is missing');
  const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] });
  // Results over 256 KiB are read from the issue store, here a folder that workers and this program share.
  const dataConverter = createDataConverter(
    { url: process.env['ISSUE_STORE_URL'] ?? '', index: '' },
    [],
  );
  const client = new Client({ connection, dataConverter });
  const releasePrep = createReleasePrepClient({
    client,
    taskQueue: process.env['RELEASE_PREP_TASK_QUEUE'] ?? 'release-prep',
  });
  try {
    await releasePrep.start({ service, version, delivery: 'none' });
    const issue = await releasePrep.result(service, version);
    if (!('steps' in issue)) throw new Error('another caller asked this run for a reference');
    const [, analysis, plan] = issue.steps;
    const { batches, total_time: totalTime } = plan.details.gray_strategy;
    const rules = analysis.details.metrics.flatMap((group) => group.rules);
    console.log(
      `${issue.issue_id}: ${batches.length} batches, ${rules.length} rules, ${totalTime}`,
    );
  } catch (error) {
    const { cause } = error as { cause?: { type?: string; message: string } };
    if (!REFUSALS.includes(cause?.type ?? '')) throw error;
    console.log(`refused (${cause?.type}): ${cause?.message}`);
  } finally {
    await connection.close();
  }
}

void main(process.argv.slice(2));
