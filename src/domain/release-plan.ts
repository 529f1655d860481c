import { z } from 'zod';
import { HostRef } from './host';
import { Seconds } from './seconds';
import { STEP } from './names';
import { Reasoning, stepResultOf } from './step-result';

/**
 * Whether the traffic of a batch is enough to distinguish its thresholds from the baseline in the observation time.
 * `metrics`: it does. `weak`: traffic or rules are not known well enough to prove it. `blind`: it does not;
 * people or other signals have to judge the batch.
 */
export const BatchJudgement = z.strictObject({
  by: z.enum(['metrics', 'weak', 'blind']),
  /** In words, for people. */
  reason: z.string(),
  /** Requests that the hardest threshold needs, and those that the batch is expected to get meanwhile. */
  requests_needed: z.int().nonnegative().nullable(),
  requests_expected: z.int().nonnegative().nullable(),
  /** What set the observation time. */
  limited_by: z.enum(['policy', 'severity', 'traffic', 'rule', 'cap', 'model']),
  /** Rules that can be judged on the hosts of this batch, by verdict. */
  rules: z.strictObject({ judgeable: z.int(), weak: z.int(), blind: z.int() }),
});
export type BatchJudgement = z.infer<typeof BatchJudgement>;

export const Batch = z.strictObject({
  batch_id: z.int().positive(),
  /** After the batch's release. */
  observation_time: Seconds,
  hosts: z.array(HostRef).min(1),
  /** After a fault of the batch was repaired. */
  repair_observation_time: Seconds,
  reason: z.string(),
  judgement: BatchJudgement.optional(),
});
export type Batch = z.infer<typeof Batch>;

export const ReleasePlanDetails = z.strictObject({
  gray_strategy: z.strictObject({
    batches: z.array(Batch).min(1),
    excluded_hosts: z.array(z.strictObject({ host_id: z.string(), reason: z.string() })),
    total_time: Seconds,
    /** Id of the rollout policy that applied, and why it did. */
    policy: z.string(),
    policy_reason: z.string(),
    /** Healthy hosts of the service, which share its traffic; those that are no targets included. */
    serving_hosts: z.int().nonnegative(),
    /** What holds of the plan as a whole: fault domains, capacity, version skew. */
    notes: z.array(z.string()),
    unchecked: z
      .array(z.enum(['fault_domains', 'capacity']))
      .optional()
      .describe('what the plan could not take into account; notes have the reasons'),
  }),
  service: z.string(),
  reasoning: Reasoning,
});
export type ReleasePlanDetails = z.infer<typeof ReleasePlanDetails>;

export const ReleasePlan = stepResultOf(STEP.releasePlan, ReleasePlanDetails);
export type ReleasePlan = z.infer<typeof ReleasePlan>;
