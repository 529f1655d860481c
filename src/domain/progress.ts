import type { StepName } from './names';

/** The phase of a run; also the search attribute ReleasePhase. */
export type Phase =
  | 'verifying'
  | 'analysing'
  | 'recording'
  | 'delivering'
  | 'waiting'
  | 'prepared'
  | 'refused'
  | 'failed'
  | 'cancelled';

export type StepState = 'pending' | 'running' | 'done' | 'failed' | 'skipped';

/** `attempt` is the workflow's own count; tries in flight are in the run's pending activities. */
export type StepProgress = {
  state: StepState;
  attempt: number;
  started_at?: string;
  finished_at?: string;
  summary?: string;
};

/** A step that failed for good: its activity, the StepResult it belongs to, the failure's type and text. */
export type FailedStep = { activity: string; step?: StepName; type: string; message: string };

/** A run that is parked until `retryStep` or its limit. */
export type Waiting = { since: string; until: string; failed: FailedStep[] };

/** The receiver of the issue; `to` is null if nothing was signalled. `task_queue`: where its workflow was started if it was not running. */
export type Delivered = { to: string | null; task_queue?: string };

/** The answer of the query `progress`. */
export type Progress = {
  phase: Phase;
  steps: Record<StepName, StepProgress>;
  /** Only in phase `waiting`. */
  waiting?: Waiting;
  /** Once the issue is delivered; a dry run delivers nothing. */
  delivered?: Delivered;
};
