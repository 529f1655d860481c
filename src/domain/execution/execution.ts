/** Where a release is; the answer of the query `state` (contract with executors). */
export type ExecutionPhase =
  | 'waiting_issue'
  | 'waiting_approval'
  | 'deploying'
  | 'observing'
  | 'repairing'
  | 'paused'
  | 'rolling_back'
  | 'needs_person'
  | 'completed'
  | 'rolled_back'
  | 'aborted';

export type HostProgress = {
  from: string | null;
  to: string;
  state: 'waiting' | 'deploying' | 'released' | 'rolling_back' | 'rolled_back' | 'failed';
};

/** The last value of a rule and what it came to. */
export type RuleReading = {
  rule_id: string;
  value: number | string | null;
  at: string | null;
  limit: number;
  verdict: 'ok' | 'breach' | 'no_data' | 'not_yet';
};

/** A batch of the issue, and how far the release is with it. */
export type BatchProgress = {
  batch_id: number;
  hosts: string[];
  observation_time: string;
  deployed_at?: string;
  observed_until?: string;
};

/** Why a release is in its state. `source` is a JSON pointer into the issue, or the outside system. */
export type ExecutionReason = {
  code: string;
  text: string;
  rule_id?: string;
  value?: number | string | null;
  limit?: number;
  source?: string;
};

/** One line of what happened; the newest are kept. */
export type ExecutionEvent = { at: string; type: string; text: string; by?: string };

export type ExecutionState = {
  phase: ExecutionPhase;
  issue_id: string | null;
  digest: string | null;
  /** The batch at hand, from 1; 0 before the first deploy. */
  batch: number;
  batches: number;
  /** The batches in order; absent before the issue is there. */
  plan?: BatchProgress[];
  hosts: Record<string, HostProgress>;
  /** `values`: of the release so far, thinned evenly. */
  rules: (RuleReading & { values?: number[] })[];
  reason?: ExecutionReason;
  /** Until when it waits or observes by itself. */
  until?: string;
  events: ExecutionEvent[];
};

/** What the release system was asked to do, and where its progress is read. */
export type ActionRef = { kind: 'deployment' | 'mitigation'; id: string };
export type ActionProgress = {
  status: 'pending' | 'running' | 'succeeded' | 'failed';
  /** Hosts that are not done or failed, and why; empty where the release system names none. */
  hosts: { host_id: string; status: string; message?: string }[];
};

/** A host as the release system shows it, for one service. `version` is null where it does not run the service. */
export type SeenHost = {
  host_id: string;
  version: string | null;
  healthy: boolean;
  status: string;
};
