import { z } from 'zod';
import { STEP } from './names';
import { Reasoning, stepResultOf } from './step-result';

export const VersionCheckDetails = z.strictObject({
  candidate: z.string(),
  conflict_reason: z.string(),
  /** The version that most hosts run; empty when none runs the service. */
  current: z.string(),
  has_conflict: z.boolean(),
  service: z.string(),
  hosts: z.strictObject({ total: z.int(), healthy: z.int() }),
  unhealthy_hosts: z.array(z.strictObject({ host_id: z.string(), reason: z.string() })),
  conflict_hosts: z.array(z.string()),
  current_versions: z.record(z.string(), z.int()),
  reasoning: Reasoning,
});
export type VersionCheckDetails = z.infer<typeof VersionCheckDetails>;

export const VersionCheck = stepResultOf(STEP.versionCheck, VersionCheckDetails);
export type VersionCheck = z.infer<typeof VersionCheck>;
