import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FAILURE } from '../../domain/names';
import type { Deps } from './activity-deps';
import { inActivity } from './heartbeat';

/** Called before anything is read: a run over the limit ends here for good, with a message that says what to do. */
export async function enterGate({ gate }: Pick<Deps, 'gate'>): Promise<void> {
  if (gate === undefined || !inActivity()) return;
  const { workflowExecution, taskQueue } = activityInfo();
  const { workflowId = '', runId = '' } = workflowExecution ?? {};
  const { admitted, others } = await gate.enter({ workflow_id: workflowId, run_id: runId });
  if (admitted) return;
  throw ApplicationFailure.create({
    type: FAILURE.tooManyPreparations,
    message:
      `${others} preparations run or wait on task queue ${taskQueue}, and MAX_PREPARATIONS allows ${gate.limit}: ` +
      'prepare again when one of them has ended, or increase MAX_PREPARATIONS on the workers',
    nonRetryable: true,
    category: 'BENIGN',
  });
}
