import { z } from 'zod';

/** How a release ended, if its executor reported it. */
export const ReleaseOutcome = z.enum(['succeeded', 'failed', 'rolled_back', 'aborted']);
export type ReleaseOutcome = z.infer<typeof ReleaseOutcome>;

/** One earlier release of a service, from its recorded issue. `outcome` is absent until an executor reports one. */
export type PastRelease = {
  issue_id: string;
  candidate: string;
  /** How often it was prepared. */
  revision: number;
  created_at: string;
  /** Warnings of its last preparation. */
  warnings: number;
  outcome?: ReleaseOutcome;
  /** Types of risks that happened in it. */
  happened?: string[];
  /** Ids of rules that were broken in it. */
  broken?: string[];
  /** Of its deploys; null when none was timed. */
  seconds_per_host?: number | null;
};
