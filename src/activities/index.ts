import { UpstreamError } from '../adapters/upstream/upstream-error';
import { checkNeighbours, claimRelease, type CheckNeighboursArgs } from './claim-release';
import { confirmRelease } from './confirm-release';
import { currentRun } from './runtime/current-run-id';
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
  const bind =
    <Args, Result>(activity: (deps: Deps, args: Args) => Promise<Result>) =>
    (args: Args): Promise<Result> =>
      withTypedFailures(() => abortable(deps, () => activity(deps, args)));
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
