import { z } from 'zod';
import { HostRef } from './host';
import { Seconds } from './metrics';
import { STEP } from './names';
import { Reasoning, stepResultOf } from './step-result';

export const Batch = z.strictObject({
  batch_id: z.int().positive(),
  /** After the batch's release. */
  observation_time: Seconds,
  hosts: z.array(HostRef).min(1),
  /** After a fault of the batch was repaired. */
  repair_observation_time: Seconds,
  reason: z.string(),
});
export type Batch = z.infer<typeof Batch>;

export const ReleasePlanDetails = z.strictObject({
  gray_strategy: z.strictObject({
    batches: z.array(Batch).min(1),
    excluded_hosts: z.array(z.strictObject({ host_id: z.string(), reason: z.string() })),
    total_time: Seconds,
    /** Id of the rollout policy that applied. */
    policy: z.string(),
  }),
  service: z.string(),
  reasoning: Reasoning,
});
export type ReleasePlanDetails = z.infer<typeof ReleasePlanDetails>;

export const ReleasePlan = stepResultOf(STEP.releasePlan, ReleasePlanDetails);
export type ReleasePlan = z.infer<typeof ReleasePlan>;
