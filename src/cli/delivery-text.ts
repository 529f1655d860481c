import type { ReleasePrepClient } from '../client';
import type { Named } from '../steps/run/command-line';

/** Time limit for the answer: a finished run answers immediately, and without a worker there is no answer. */
const LIMIT_MS = 5_000;

const DRY_RUN = 'This was a dry run: no issue was recorded, and no executor was notified.';
const NOBODY =
  'No executor was notified: use --executor WORKFLOW_ID or --execute, or set EXECUTOR_WORKFLOW_TYPE on the worker.';

/** Who got the issue, in one sentence for the end of a command. */
export async function deliveryText(
  client: ReleasePrepClient,
  { service, version, dryRun }: Named,
): Promise<string> {
  if (dryRun) return DRY_RUN;
  const progress = await within(client.progress(service, version)).catch(() => undefined);
  const delivered = progress?.delivered;
  if (delivered === undefined) return 'It is not known who was notified: no worker answers.';
  if (delivered.to === null) return NOBODY;
  const where = delivered.task_queue === undefined ? '' : ` on task queue ${delivered.task_queue}`;
  return `Signalled workflow ${delivered.to}${where}.`;
}

const within = <Result>(result: Promise<Result>): Promise<Result | undefined> =>
  Promise.race([
    result,
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), LIMIT_MS).unref()),
  ]);
