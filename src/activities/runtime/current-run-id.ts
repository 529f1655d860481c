import { activityInfo } from '@temporalio/activity';

/**
 * The run that asks. Workflow code cannot find out by itself that it was reset, since a reset run replays what the run
 * before it did; this answer is in history, so the same question after a reset gets another answer.
 */
export const currentRun = (): Promise<string> =>
  Promise.resolve(activityInfo().workflowExecution?.runId ?? '');
