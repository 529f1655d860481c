import { workflowInfo } from '@temporalio/workflow';
import { currentRun } from './activity-options';

/**
 * Whether the run was reset since the last question. Workflow code cannot see a reset, since a reset run replays what
 * the run before it did. But it can ask for its run id again: what was asked before the reset point replays with the id
 * of the old run, and what is asked after it gets the id of the new one. A reset to a point before the first question
 * (of a cancelled run) looks the same, so the first failure after it is tried once more.
 */
export function createResetDetection(): () => Promise<boolean> {
  let knownRun = workflowInfo().originalExecutionRunId;
  return async () => {
    const run = await currentRun();
    const wasReset = run !== knownRun;
    knownRun = run;
    return wasReset;
  };
}
