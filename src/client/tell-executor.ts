import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { executorIdOf, ROLLOUT_UPDATE } from '../domain/names';

/** `absent`: no executor of this release runs. */
export type Told =
  { kind: 'told' } | { kind: 'absent' } | { kind: 'rejected' | 'failed'; reason: string };

/** A worker answers within a second; without one nothing is gained by waiting longer. */
const ANSWER_LIMIT_MS = 10_000;

/** Tells the executor of a release that an issue was approved. */
export async function tellExecutor(
  client: Client,
  { service, version }: { service: string; version: string },
  approval: { by: string; digest: string },
): Promise<Told> {
  const handle = client.workflow.getHandle(executorIdOf(service, version));
  try {
    await client.withDeadline(Date.now() + ANSWER_LIMIT_MS, () =>
      handle.executeUpdate(ROLLOUT_UPDATE.approve, { args: [approval] }),
    );
    return { kind: 'told' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'absent' };
    if (error instanceof WorkflowUpdateFailedError)
      return { kind: 'rejected', reason: error.cause?.message ?? error.message };
    return { kind: 'failed', reason: (error as Error).message };
  }
}
