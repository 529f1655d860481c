import { z } from 'zod';
import { Seconds } from './seconds';
import { Timestamp } from './step-result';

/** One answer to a breach of a rule. The n-th breach of a rule in a batch gets the n-th answer. */
export const BreachAnswer = z.strictObject({
  action: z
    .string()
    .describe('a mitigation that the release system can carry out, rollback, or pause'),
  risk: z.string().optional().describe('the type of the risk whose plan this is'),
  knowledge: z.string().optional().describe('id of the knowledge document of that plan'),
  hosts: z.enum(['batch', 'released']).describe('the hosts of the batch, or all that are released'),
  repair_observation_time: Seconds,
});
export type BreachAnswer = z.infer<typeof BreachAnswer>;

/** What a rule means for the release. Absent in issues of versions before 0.2.0. */
export const RuleConstraint = {
  rule_id: z
    .string()
    .optional()
    .describe('unique in the issue; the same rule has the same id in the next revision'),
  gates: z.boolean().optional().describe('whether a breach stops the release'),
  on_breach: z
    .array(BreachAnswer)
    .min(1)
    .optional()
    .describe('the answers to breaches, in order; the last one is rollback or pause'),
  on_no_data: z.literal('pause').optional(),
};

/** What holds for the release as a whole. Absent in issues of versions before 0.2.0. */
export const ReleaseConstraint = {
  rollback: z
    .strictObject({
      targets: z
        .record(z.string(), z.array(z.string()))
        .describe('host ids by the version that they ran at verification'),
      unknown: z
        .array(z.string())
        .optional()
        .describe('hosts that did not run the service, so that there is nothing to roll back to'),
    })
    .optional(),
  approvals: z
    .strictObject({
      required: z.int().min(0).max(2),
      reason: z.string(),
      requested_by: z
        .string()
        .optional()
        .describe('who asked for the release, and may not be the only one to approve it'),
    })
    .optional()
    .describe('how many people must approve the issue before its first batch, by the policy'),
  capabilities: z
    .array(z.string())
    .optional()
    .describe('what the release system can do, as it said at verification'),
  max_repairs: z
    .int()
    .min(0)
    .optional()
    .describe('repairs in one release; the next breach gets the last answer of its rule'),
  deploy_timeout: Seconds.optional().describe('how long the deploy of one batch may take'),
  not_before: Timestamp.optional().describe(
    'the first batch may not begin earlier: the working hours and freezes of the policy',
  ),
};

/** What verification read, for the constraint: rollback targets and capabilities. */
export type VerifiedFacts = {
  rollback: { targets: Record<string, string[]>; unknown?: string[] };
  capabilities: string[];
};
