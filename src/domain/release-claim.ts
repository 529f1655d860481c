import { z } from 'zod';

/**
 * Who prepares or releases a service now. At most one holder a service: it stands in the workflow
 * `release-lock/{service}`, whose updates Temporal takes one after the other.
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

/** Who goes on in spite of conflicts, and why; an explicit input. */
export const Override = z.strictObject({
  by: z.string().trim().min(1, 'must not be empty').max(128),
  reason: z.string().trim().min(1, 'must not be empty').max(1000),
});
export type Override = z.infer<typeof Override>;
