import { activityInfo } from '@temporalio/activity';

/**
 * The run that asks. Workflow code cannot tell by itself that it was reset, since a reset run replays what the run
 * before it did; this answer stands in history, so that a run asked again after a reset gives another one.
 */
export const currentRun = (): Promise<string> =>
  Promise.resolve(activityInfo().workflowExecution?.runId ?? '');
