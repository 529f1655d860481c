import { z } from 'zod';

/** A preparation that was let in; a later run of the same workflow takes its place. */
export const GateEntry = z.object({ workflow_id: z.string(), run_id: z.string() });
export type GateEntry = z.infer<typeof GateEntry>;

/** Asks to be let in, as one of at most `limit`; `ended` are those of the list that run no more. */
export type GateRequest = { entry: GateEntry; limit: number; ended: GateEntry[] };
/** With `admitted: false` the list of all that are in. */
export const GateAnswer = z.object({ admitted: z.boolean(), entries: z.array(GateEntry) });
export type GateAnswer = z.infer<typeof GateAnswer>;
