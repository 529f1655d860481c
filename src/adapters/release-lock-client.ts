import { parseShape } from './upstream/bounded-json';
import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { LOCK, lockIdOf } from '../domain/names';
import { ClaimHolder, type Claim, type ClaimAnswer } from '../domain/release-claim';
import { UpstreamError } from './upstream/upstream-error';

/** Most locks read at the same time: one per neighbour, and a chain may have hundreds. */
const AT_ONCE = 8;

/** The claims on services, each in a workflow of its own. Reads are consistent: they ask the workflow, no index. */
export const createReleaseLock = (client: Client, taskQueue: string) => {
  const isRunning = async (workflowId: string): Promise<boolean> => {
    try {
      const { status } = await client.workflow.getHandle(workflowId).describe();
      return status.name === 'RUNNING';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw unavailable(workflowId, error);
    }
  };

  /** A claim lives while the executor or the preparation does: between the two either one may be missing. */
  const isAlive = async ({ held_by: heldBy, workflow_id: workflowId }: ClaimHolder) =>
    (await isRunning(heldBy)) || (workflowId !== heldBy && (await isRunning(workflowId)));

  /** The holder of the service; null without one, or if its workflow ended without freeing the service. */
  const holderOf = async (service: string): Promise<ClaimHolder | null> => {
    const id = lockIdOf(taskQueue, service);
    try {
      const { status, memo } = await client.workflow.getHandle(id).describe();
      const holder = parseShape(ClaimHolder.nullish(), memo?.[LOCK.memo]);
      if (status.name !== 'RUNNING' || !holder) return null;
      return (await isAlive(holder)) ? holder : null;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      if (error instanceof UpstreamError) throw error;
      throw unavailable(id, error);
    }
  };

  return {
    isAlive,
    holderOf,

    /** The services that have a claim, at most so many: from Temporal's index, which may be seconds late. */
    async heldServices(limit: number): Promise<string[]> {
      const prefix = lockIdOf(taskQueue, '');
      const query = `WorkflowType = '${LOCK.type}' AND ExecutionStatus = 'Running'`;
      const held: string[] = [];
      try {
        for await (const { workflowId } of client.workflow.list({ query, pageSize: limit })) {
          if (workflowId.startsWith(prefix)) held.push(workflowId.slice(prefix.length));
          if ((limit -= 1) <= 0) break;
        }
      } catch (error) {
        throw unavailable(LOCK.type, error);
      }
      return held;
    },

    /** Frees the service of a workflow that has ended; a claim that has ended needs nothing. */
    async end(service: string, workflowId: string): Promise<void> {
      const id = lockIdOf(taskQueue, service);
      try {
        await client.workflow.getHandle(id).signal(LOCK.end, { workflow_id: workflowId });
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw unavailable(id, error);
      }
    },

    /** The holders of those services that have one. */
    async holdersOf(services: readonly string[], onEach: () => void): Promise<ClaimHolder[]> {
      const found: ClaimHolder[] = [];
      const queue = [...services];
      const read = async () => {
        for (let service = queue.shift(); service !== undefined; service = queue.shift()) {
          const holder = await holderOf(service);
          onEach();
          if (holder !== null) found.push(holder);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, read));
      return found.sort((a, b) => (a.service < b.service ? -1 : 1));
    },

    /** Requests the claim; the answer names the holder, this one or another. */
    async claim(claim: Claim): Promise<ClaimAnswer> {
      const workflowId = lockIdOf(taskQueue, claim.holder.service);
      const startWorkflowOperation = new WithStartWorkflowOperation<() => Promise<void>>(
        LOCK.type,
        {
          workflowId,
          taskQueue,
          args: [],
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: `the claim on ${claim.holder.service}`.slice(0, 180),
        },
      );
      try {
        return await client.workflow.executeUpdateWithStart<
          () => Promise<void>,
          ClaimAnswer,
          [Claim]
        >(LOCK.claim, {
          args: [claim],
          startWorkflowOperation,
        });
      } catch (error) {
        // Also if the lock ended while the claim arrived: the next try starts it again.
        throw unavailable(workflowId, error);
      }
    },
  };
};
export type ReleaseLock = ReturnType<typeof createReleaseLock>;

const unavailable = (workflowId: string, cause: unknown) =>
  new UpstreamError('release-lock', `${workflowId}: ${(cause as Error).message}`, { cause });
