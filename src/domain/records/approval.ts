import { z } from 'zod';
import { nameOf } from '../host';
import { Timestamp } from '../step-result';

export const Approver = nameOf(128);

/** One person's approval of one issue, kept with it; bound to its digest, and with it to its revision. */
export const Approval = z.strictObject({
  issue_id: z.string(),
  digest: z.string(),
  by: Approver,
  at: Timestamp,
  /** The token by which it came in over HTTP. */
  via: z.string().max(128).optional(),
  reason: z.string().trim().min(1).max(1000).optional(),
});
export type Approval = z.infer<typeof Approval>;
