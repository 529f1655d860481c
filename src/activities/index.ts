import { UpstreamError } from '../adapters/upstream/upstream-error';
import { checkNeighbours, claimRelease, type CheckNeighboursArgs } from './claim-release';
import { confirmRelease } from './confirm-release';
import { currentRun } from './runtime/current-run-id';
import { endClaim, readApprovals, recordOutcome } from './execute/release-records';
import { readAction, startAction } from './execute/host-changes';
import { openIssue } from './execute/open-issue';
import { readFleet, readFreeze } from './execute/read-fleet';
import { sampleRules } from './execute/sample-rules';
import { recordTime } from './execute/record-time';
import { tell } from './execute/tell';
import { deliverIssue } from './deliver-issue';
import type { Deps } from './runtime/activity-deps';
import { withTypedFailures } from './runtime/typed-failures';
import { cancellationSignal } from './runtime/heartbeat';
import { planGrayStrategy } from './plan-gray-strategy';
import { predictRisks } from './predict-risks';
import { recordIssue } from './record-issue';
import { selectMetrics } from './select-metrics';
import { setThresholds } from './set-thresholds';
import { shortlistMetrics } from './shortlist-metrics';
import { traceServiceChain } from './trace-service-chain';
import { verifyVersion } from './verify-version';

/** The activities of the preparation, closed over their dependencies; every error is typed. */
export function createActivities(deps: Deps) {
  const bind = binder(deps);
  return {
    verifyVersion: bind(verifyVersion),
    claimRelease: bind(claimRelease),
    checkNeighbours: bind((all, args: CheckNeighboursArgs) => checkNeighbours(all, args)),
    confirmRelease: bind(confirmRelease),
    traceServiceChain: bind(traceServiceChain),
    predictRisks: bind(predictRisks),
    shortlistMetrics: bind(shortlistMetrics),
    selectMetrics: bind(selectMetrics),
    setThresholds: bind(setThresholds),
    planGrayStrategy: bind(planGrayStrategy),
    recordIssue: bind(recordIssue),
    deliverIssue: bind(deliverIssue),
    currentRun,
  };
}

/** The activities of a release. */
export function createExecutorActivities(deps: Deps) {
  const bind = binder(deps);
  return {
    openIssue: bind(openIssue),
    readApprovals: bind(readApprovals),
    readFreeze: bind(readFreeze),
    readFleet: bind(readFleet),
    startAction: bind(startAction),
    readAction: bind(readAction),
    sampleRules: bind(sampleRules),
    recordOutcome: bind(recordOutcome),
    endClaim: bind(endClaim),
    tell: bind(tell),
    recordTime,
  };
}

const binder =
  (deps: Deps) =>
  <Args, Result>(activity: (all: Deps, args: Args) => Promise<Result>) =>
  (args: Args): Promise<Result> =>
    withTypedFailures(() => abortable(deps, () => activity(deps, args)));

/**
 * Calls to Temporal are cancelled with the activity too: an update waits for a worker of the queue, which may be this
 * worker, shutting down and no longer accepting workflow tasks.
 */
async function abortable<Result>(
  { client }: Pick<Deps, 'client'>,
  body: () => Promise<Result>,
): Promise<Result> {
  const signal = cancellationSignal();
  if (signal === undefined) return body();
  try {
    return await client.withAbortSignal(signal, body);
  } catch (error) {
    throw signal.aborted && error instanceof UpstreamError ? signal.reason : error;
  }
}

export type Activities = ReturnType<typeof createActivities>;
export type ExecutorActivities = ReturnType<typeof createExecutorActivities>;
