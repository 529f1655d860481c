import { z } from 'zod';

/** An admitted preparation; a later run of the same workflow replaces it. */
export const GateEntry = z.object({ workflow_id: z.string(), run_id: z.string() });
export type GateEntry = z.infer<typeof GateEntry>;

/** Requests admission, as one of at most `limit`; `ended` are listed preparations that no longer run. */
export type GateRequest = { entry: GateEntry; limit: number; ended: GateEntry[] };
/** With `admitted: false` the list of all that are in. */
export const GateAnswer = z.object({ admitted: z.boolean(), entries: z.array(GateEntry) });
export type GateAnswer = z.infer<typeof GateAnswer>;
