import { z } from 'zod';

/**
 * Who prepares or releases a service now. A service has at most one holder, kept by the workflow
 * `release-lock/{task queue}/{service}`: Temporal runs the updates of one workflow one after the other.
 */
export const ClaimHolder = z.object({
  service: z.string(),
  version: z.string(),
  /** The preparation that claimed. */
  workflow_id: z.string(),
  /** `releasing`: its issue goes to an executor. */
  phase: z.enum(['preparing', 'releasing']),
  /** The workflow whose end frees the claim: the preparation, then the executor. */
  held_by: z.string(),
  /** The run of `held_by`, where it is known: an `end` from an earlier run of that workflow does not free the claim. */
  run_id: z.string().optional(),
  since: z.string(),
  /** When the claim ends by itself; null while a preparation runs. */
  until: z.string().nullable(),
});
export type ClaimHolder = z.infer<typeof ClaimHolder>;

/** `replace`: the holder that this claim takes the place of, if it still holds. */
export type Claim = {
  holder: Omit<ClaimHolder, 'since'>;
  replace?: Pick<ClaimHolder, 'workflow_id' | 'since'>;
};
export type ClaimAnswer = { granted: boolean; holder: ClaimHolder };

/** The signal `end`: the workflow that holds the claim, and its run where the claim names one. */
export type ClaimEnd = { workflow_id: string; run_id?: string };

/** The update `release`: a person frees the claim. `held`: only if this claim still holds. */
export type ClaimRelease = {
  by: string;
  reason: string;
  held?: Pick<ClaimHolder, 'workflow_id' | 'since'>;
};

/** A claim that a person freed. */
export const ReleasedClaim = z.object({
  by: z.string(),
  reason: z.string(),
  at: z.string(),
  holder: ClaimHolder,
});
export type ReleasedClaim = z.infer<typeof ReleasedClaim>;

/** The answer of the query `claim`. `released`: how the last claim of this run of the lock was freed by hand. */
export type ClaimState = { holder: ClaimHolder | null; released: ReleasedClaim | null };

/** Something in the way of a release. */
export const Conflict = z.strictObject({
  kind: z.enum(['release_in_progress', 'neighbour_releasing', 'freeze']),
  /** The service that is released or frozen. */
  service: z.string(),
  /** A workflow id, or the owner of a freeze. */
  holder: z.string(),
  reason: z.string(),
  until: z.string().nullable(),
});
export type Conflict = z.infer<typeof Conflict>;

/** Who continues despite conflicts, and why; an explicit input. */
export const Override = z.strictObject({
  by: z.string().trim().min(1, 'must not be empty').max(128),
  reason: z.string().trim().min(1, 'must not be empty').max(1000),
});
export type Override = z.infer<typeof Override>;
