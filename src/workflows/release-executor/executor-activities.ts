import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityOptions,
} from '@temporalio/workflow';
import { FAILURE } from '../../domain/names';
import type { ExecutorActivities } from '../../activities';

/** As in a preparation, Temporal is the one owner of retries. */
const common: ActivityOptions = {
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: {
    initialInterval: '1s',
    backoffCoefficient: 2,
    maximumInterval: '30s',
    nonRetryableErrorTypes: [FAILURE.invalidInput, FAILURE.guardRefused],
  },
};

/** A release system that restarts is back in minutes; after it a person decides. */
const hostChanges = proxyActivities<ExecutorActivities>({
  ...common,
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '10m',
});

const fleetReads = proxyActivities<ExecutorActivities>({
  ...common,
  startToCloseTimeout: '6m',
  scheduleToCloseTimeout: '10m',
  heartbeatTimeout: '15s',
});

/** A look that gets no answer is missing data, and the next look is soon. */
const samples = proxyActivities<ExecutorActivities>({
  ...common,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '1m',
  heartbeatTimeout: '15s',
});

const records = proxyActivities<ExecutorActivities>({
  ...common,
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '10m',
});

/** A receiver that is down for minutes is not waited for. */
const notices = proxyActivities<ExecutorActivities>({
  ...common,
  retry: { ...common.retry, maximumAttempts: 8 },
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '3m',
});

/** The activities of a release, each with the options of its class of work. */
export const activities = {
  openIssue: records.openIssue,
  readApprovals: records.readApprovals,
  readFreeze: records.readFreeze,
  readFleet: fleetReads.readFleet,
  startAction: hostChanges.startAction,
  readAction: hostChanges.readAction,
  sampleRules: samples.sampleRules,
  recordOutcome: records.recordOutcome,
  endClaim: records.endClaim,
  tell: notices.tell,
};
