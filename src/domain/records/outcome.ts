import { z } from 'zod';

const Time = z.string().max(40);
const Name = z.string().max(500);
const Level = z.number().nullable();

export const OutcomeResult = z.enum(['completed', 'rolled_back', 'aborted', 'needs_person']);

/** How a release went, kept with its issue: what was predicted against what happened. */
export const Outcome = z.strictObject({
  issue_id: Name,
  digest: Name,
  result: OutcomeResult,
  started_at: Time,
  ended_at: Time,
  reason: z
    .object({ code: Name, text: z.string().max(2_000) })
    .optional()
    .describe('why it did not complete'),
  batches: z
    .array(
      z.strictObject({
        batch_id: z.int(),
        deployed_at: Time,
        observed_until: Time.nullable(),
        hosts: z.array(Name).max(20_000),
        verdicts: z.record(Name, z.enum(['ok', 'breach', 'no_data', 'not_judged'])),
      }),
    )
    .max(1_000),
  rules: z
    .array(
      z.strictObject({
        rule_id: Name,
        predicted: z.strictObject({ p50: Level, p99: Level, threshold: z.number() }),
        actual: z.strictObject({
          p50: Level,
          p99: Level,
          breaches: z.int(),
          breached_at: Time.optional().describe('of the first breach'),
        }),
      }),
    )
    .max(1_000),
  risks: z
    .array(
      z.strictObject({
        type: Name,
        predicted: z.boolean(),
        happened: z.boolean(),
        mitigation: Name.optional(),
        mitigated: z.boolean().optional(),
      }),
    )
    .max(200),
  actions: z
    .array(
      z.strictObject({
        at: Time,
        ended_at: Time.optional(),
        type: Name,
        action: Name.optional(),
        batch_id: z.int().optional(),
        hosts: z.array(Name).max(20_000).optional(),
        version: Name.optional(),
        by: Name.optional(),
        result: z.enum(['succeeded', 'failed']).optional(),
        text: z.string().max(2_000).optional(),
      }),
    )
    .max(1_000),
  hosts_left: z
    .array(Name)
    .max(20_000)
    .optional()
    .describe('hosts that a rollback did not reach; a person has to see to them'),
});
export type Outcome = z.infer<typeof Outcome>;
