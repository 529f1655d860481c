import type { StepName } from './names';

/** Where a run stands; also the search attribute ReleasePhase. */
export type Phase =
  | 'verifying'
  | 'analysing'
  | 'recording'
  | 'delivering'
  | 'prepared'
  | 'refused'
  | 'failed'
  | 'cancelled';

export type StepState = 'pending' | 'running' | 'done' | 'failed' | 'skipped';

/** `attempt` is the workflow's own count; tries in flight stand in the run's pending activities. */
export type StepProgress = {
  state: StepState;
  attempt: number;
  started_at?: string;
  finished_at?: string;
  summary?: string;
};

/** The answer of the query `progress`. */
export type Progress = { phase: Phase; steps: Record<StepName, StepProgress> };
