import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  type ActivityOptions,
} from '@temporalio/workflow';
import { FAILURE } from '../domain/names';
import type { Activities } from '../activities';

/**
 * Temporal is the one owner of retries: clients retry nothing. `scheduleToCloseTimeout` is the budget of a step,
 * long enough for an upstream to be restarted; `startToCloseTimeout` bounds one try.
 */
const common: ActivityOptions = {
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: {
    initialInterval: '1s',
    backoffCoefficient: 2,
    maximumInterval: '30s',
    // 18 minutes of immediate refusals; the budget of the step ends earlier.
    maximumAttempts: 40,
    nonRetryableErrorTypes: [FAILURE.invalidInput],
  },
};

/**
 * A timer sends heartbeats once a second, so this is how long a machine may be gone before another worker retries. It
 * must exceed the longest computation that blocks the timer: levels of 60 rules, about 3 s on a slow core. A killed
 * process is detected sooner, by the next worker on the same machine.
 */
const HEARTBEAT_TIMEOUT = '15s';

/** A fleet of 20,000 hosts is read in about 5 minutes at 8 detail calls at a time of 100 ms. */
const hostReads = proxyActivities<Activities>({
  ...common,
  startToCloseTimeout: '6m',
  scheduleToCloseTimeout: '15m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
});

const chainReads = proxyActivities<Activities>({
  ...common,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '5m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
});

/** Up to 120 range queries of two weeks each, and as many cheap ones. */
const metricReads = proxyActivities<Activities>({
  ...common,
  startToCloseTimeout: '5m',
  scheduleToCloseTimeout: '12m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
});

/** Two tries of the model, then the knowledge base: a release does not wait longer for a model. */
const judgements = proxyActivities<Activities>({
  ...common,
  startToCloseTimeout: '2m',
  scheduleToCloseTimeout: '5m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
});

const writes = proxyActivities<Activities>({
  ...common,
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '10m',
});

/** Temporal itself answers; if a lock ends during the request, the request is retried at once. */
const claims = proxyActivities<Activities>({
  ...common,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '10m',
  heartbeatTimeout: '20s',
  retry: { ...common.retry, initialInterval: '100ms' },
});

/** The issue is recorded already: an outage of workers or of Temporal counts too, and waiting costs nothing. */
const deliveries = proxyActivities<Activities>({
  ...common,
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '10m',
});

/** The activities of the preparation, each with the options of its class of work. */
export const activities = {
  verifyVersion: hostReads.verifyVersion,
  planGrayStrategy: hostReads.planGrayStrategy,
  traceServiceChain: chainReads.traceServiceChain,
  predictRisks: judgements.predictRisks,
  shortlistMetrics: metricReads.shortlistMetrics,
  selectMetrics: judgements.selectMetrics,
  setThresholds: metricReads.setThresholds,
  claimRelease: claims.claimRelease,
  checkNeighbours: claims.checkNeighbours,
  recordIssue: writes.recordIssue,
  confirmRelease: hostReads.confirmRelease,
  deliverIssue: deliveries.deliverIssue,
};

/** Used only when a step has failed for good; runs inside the workflow task. */
export const { currentRun } = proxyLocalActivities<Pick<Activities, 'currentRun'>>({
  startToCloseTimeout: '5s',
});
