/** Names that the outside relies on. No zod here: workflow code imports this file. */

export const WORKFLOW = {
  releasePrep: 'ReleasePrepWorkflow',
  releaseExecutor: 'ReleaseExecutorWorkflow',
} as const;

/**
 * The workflow that holds the claim on a service: updates `claim` and `release`, signal `end`, queries `holder` and
 * `state`, and the memo fields with the holder and with the claim that a person freed.
 */
export const LOCK = {
  type: 'ReleaseLockWorkflow',
  claim: 'claim',
  release: 'release',
  end: 'end',
  holder: 'holder',
  state: 'state',
  memo: 'holder',
  releasedMemo: 'released',
} as const;

/** The workflow that lets preparations in where their number is limited: its type and its message. */
export const GATE = { type: 'PreparationGateWorkflow', enter: 'enter' } as const;

export const STEP = {
  versionCheck: 'VersionCheck',
  metricAnalysis: 'MetricAnalysis',
  releasePlan: 'ReleasePlan',
  riskPrediction: 'RiskPrediction',
} as const;
export type StepName = (typeof STEP)[keyof typeof STEP];

/** The updates and the query of an executor; the issue comes by the signal `releaseIssue`. */
export const EXECUTOR = {
  approve: 'approve',
  pause: 'pause',
  continue: 'continue',
  abort: 'abort',
  state: 'state',
} as const;

export const SIGNAL = { releaseIssue: 'releaseIssue' } as const;
export const QUERY = { progress: 'progress' } as const;
export const UPDATE = { retryStep: 'retryStep' } as const;
/** `type` of the failure that a rejected update answers with. */
export const REJECTION = {
  notWaiting: 'NothingWaits',
  malformed: 'MalformedMessage',
  notHeld: 'NotHeld',
} as const;

/** Memo fields of a preparation that ended with an issue, readable without a worker. */
export const MEMO = {
  issueId: 'issue_id',
  verdict: 'verdict',
  deliveredTo: 'delivered_to',
} as const;

/** Keywords; register them on the namespace before the first run (docs/operations.md). */
export const SEARCH_ATTRIBUTE = {
  service: 'ReleaseService',
  version: 'ReleaseVersion',
  phase: 'ReleasePhase',
  outcome: 'ReleaseOutcome',
} as const;

/** `type` of the ApplicationFailures that end a run. */
export const FAILURE = {
  versionConflict: 'VersionConflict',
  hostsUnhealthy: 'HostsUnhealthy',
  noTargetHosts: 'NoTargetHosts',
  invalidInput: 'InvalidInput',
  /** No series in Prometheus is the service's own; `details[0]` says what was looked for. */
  serviceNotInMetrics: 'ServiceNotInMetrics',
  releaseInProgress: 'ReleaseInProgress',
  neighbourReleasing: 'NeighbourReleasing',
  releaseFrozen: 'ReleaseFrozen',
  planOutdated: 'PlanOutdated',
  releaseLock: 'ReleaseLockUnavailable',
  releaseSystem: 'ReleaseSystemUnavailable',
  elasticsearch: 'ElasticsearchUnavailable',
  prometheus: 'PrometheusUnavailable',
  model: 'ModelUnavailable',
  issueStore: 'IssueStoreUnavailable',
  /** A stored issue has no seal, or not one by a key of this worker. */
  issueSeal: 'IssueSealInvalid',
  executor: 'ExecutorUnavailable',
  webhook: 'WebhookUnavailable',
  executorNotPolling: 'ExecutorNotPolling',
  /** The guard refused what a release was about to do to hosts. */
  guardRefused: 'GuardRefused',
  tooManyPreparations: 'TooManyPreparations',
  /** Of one try, never of a run: its worker was killed. */
  workerLost: 'WorkerLost',
  internal: 'InternalError',
} as const;
export type FailureType = (typeof FAILURE)[keyof typeof FAILURE];

/** Verdicts on the release, not faults of a system: `details[0]` is the VersionCheck StepResult. */
export const REFUSALS: readonly string[] = [
  FAILURE.versionConflict,
  FAILURE.hostsUnhealthy,
  FAILURE.noTargetHosts,
  FAILURE.releaseInProgress,
  FAILURE.neighbourReleasing,
  FAILURE.releaseFrozen,
  FAILURE.planOutdated,
];

/** `code` of the warnings in an issue. */
export const WARNING = {
  modelFallback: 'ModelFallback',
  promptTruncated: 'PromptTruncated',
  chainUnavailable: 'ChainUnavailable',
  chainUnknown: 'ChainUnknown',
  chainPartial: 'ChainPartial',
  callsFail: 'CallsFail',
  risksUnavailable: 'RisksUnavailable',
  mixedVersions: 'MixedVersions',
  versionUnknown: 'VersionUnknown',
  lookAlikeName: 'LookAlikeName',
  hostExcluded: 'HostExcluded',
  serviceNotInMetrics: 'ServiceNotInMetrics',
  noHistory: 'NoHistory',
  weakRule: 'WeakRule',
  blindRule: 'BlindRule',
  batchNotSeen: 'BatchNotSeen',
  hostsNotInMetrics: 'HostsNotInMetrics',
  neighboursUnwatched: 'NeighboursNotWatched',
  falseStops: 'FalseStops',
  noMetrics: 'NoMetrics',
  unknownService: 'UnknownService',
  batchNotJudgeable: 'BatchNotJudgeable',
  planReachesFreeze: 'PlanReachesFreeze',
  outsideWorkingHours: 'OutsideWorkingHours',
  planTooLong: 'PlanTooLong',
  historyUnavailable: 'HistoryUnavailable',
  kindUncertain: 'KindUncertain',
  overridden: 'Overridden',
} as const;

export const ID_PREFIX = {
  prepare: 'release-prep',
  dryRun: 'release-prep-dry-run',
  executor: 'release',
  lock: 'release-lock',
  gate: 'release-gate',
};

/** `version` holds no slash (domain/release.ts), so the last segment is always the version. */
export const workflowIdOf = (service: string, version: string, dryRun = false): string =>
  `${dryRun ? ID_PREFIX.dryRun : ID_PREFIX.prepare}/${service}/${version}`;

/** The release that a preparation's workflow id names; null when the id was made in another way. */
export function releaseOf(
  workflowId: string,
): { service: string; version: string; dryRun: boolean } | null {
  const [, prefix, service, version] = /^([^/]+)\/(.+)\/([^/]+)$/su.exec(workflowId) ?? [];
  if (service === undefined || version === undefined) return null;
  if (prefix !== ID_PREFIX.prepare && prefix !== ID_PREFIX.dryRun) return null;
  return { service, version, dryRun: prefix === ID_PREFIX.dryRun };
}

export const executorIdOf = (service: string, version: string): string =>
  `${ID_PREFIX.executor}/${service}/${version}`;

/** The workers of one task queue share their claims; another queue is another installation. */
export const lockIdOf = (taskQueue: string, service: string): string =>
  `${ID_PREFIX.lock}/${taskQueue}/${service}`;

export const gateIdOf = (taskQueue: string): string => `${ID_PREFIX.gate}/${taskQueue}`;

/** Which step an activity belongs to; activities that are not here record and deliver. */
export const STEP_OF_ACTIVITY: Readonly<Record<string, StepName>> = {
  verifyVersion: STEP.versionCheck,
  traceServiceChain: STEP.riskPrediction,
  predictRisks: STEP.riskPrediction,
  shortlistMetrics: STEP.metricAnalysis,
  selectMetrics: STEP.metricAnalysis,
  setThresholds: STEP.metricAnalysis,
  planGrayStrategy: STEP.releasePlan,
};

/** From the mildest to the worst: a risk may only be moved to the right. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export const LIKELIHOODS = ['low', 'medium', 'high'] as const;
