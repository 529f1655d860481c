import { parseShape } from './upstream/bounded-json';
import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import pLimit from 'p-limit';
import { GateAnswer, type GateEntry, type GateRequest } from '../domain/gate-request';
import { GATE, gateIdOf } from '../domain/names';
import { UpstreamError } from './upstream/upstream-error';

/** Most runs that are checked at the same time when the gate is full. */
const AT_ONCE = 8;

export type PreparationGate = {
  limit: number;
  /** Whether this run may continue, and how many others are admitted. Throws UpstreamError if Temporal does not answer. */
  enter(entry: GateEntry): Promise<{ admitted: boolean; others: number }>;
};

/**
 * At most `limit` preparations of a task queue. Those that ended leave when the next one finds the gate full: nobody
 * has to say goodbye, so a run that was terminated or lost holds no place.
 */
export function createPreparationGate(
  client: Client,
  taskQueue: string,
  limit: number,
): PreparationGate {
  const workflowId = gateIdOf(taskQueue);

  async function ask(request: GateRequest): Promise<GateAnswer> {
    const startWorkflowOperation = new WithStartWorkflowOperation<() => Promise<void>>(GATE.type, {
      ...{ workflowId, taskQueue, args: [], workflowIdConflictPolicy: 'USE_EXISTING' },
      staticSummary: 'how many preparations may run at once',
    });
    try {
      const answer: unknown = await client.workflow.executeUpdateWithStart(GATE.enter, {
        ...{ args: [request], startWorkflowOperation },
      });
      return parseShape(GateAnswer, answer);
    } catch (error) {
      throw new UpstreamError('release-lock', `${workflowId}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  async function hasEnded({ workflow_id: id }: GateEntry): Promise<boolean> {
    try {
      return (await client.workflow.getHandle(id).describe()).status.name !== 'RUNNING';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return true;
      throw new UpstreamError('release-lock', `${id}: ${(error as Error).message}`);
    }
  }

  return {
    limit,
    async enter(entry) {
      const first = await ask({ entry, limit, ended: [] });
      if (first.admitted) return { admitted: true, others: 0 };
      const atOnce = pLimit(AT_ONCE);
      const looked = await Promise.all(
        first.entries.map((one) => atOnce(async () => ((await hasEnded(one)) ? [one] : []))),
      );
      const ended = looked.flat();
      if (ended.length === 0) return { admitted: false, others: first.entries.length };
      const second = await ask({ entry, limit, ended });
      return { admitted: second.admitted, others: second.entries.length };
    },
  };
}
