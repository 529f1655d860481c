import { z } from 'zod';
import { Seconds } from '../metrics';
import { Likelihood, MitigationAction, Severity } from '../risk';
import { Id, Source, Text } from './front-matter';

/** When a risk applies; every given condition must hold, `{}` means always. */
export const RiskConditions = z.strictObject({
  /** Kinds of the released service (ids of technologies). */
  kinds: z.array(Id).optional(),
  /** Kinds that the service depends on directly: profiles of downstream services, or external nodes of its chain. */
  depends_on: z.array(Id).optional(),
  position: z.enum(['has_upstream', 'has_downstream', 'has_async', 'has_external']).optional(),
  change: z.array(z.enum(['major', 'minor', 'patch', 'downgrade', 'unknown'])).optional(),
  /** At least so many target hosts. */
  min_hosts: z.int().positive().optional(),
});
export type RiskConditions = z.infer<typeof RiskConditions>;

/** knowledge/risks/*.md: one fault and the plan for it. */
export const RiskDocument = z.strictObject({
  id: Id,
  type: Id.describe('the `type` of the risk in the issue, e.g. memory_leak'),
  title: Text,
  severity: Severity,
  likelihood: Likelihood,
  applies: RiskConditions,
  /** Stays in the issue whatever the model says. */
  mandatory: z.boolean().default(false),
  watch: z.array(Text).min(1).describe('names of the metric groups that show it'),
  mitigation: z.strictObject({
    action: MitigationAction,
    steps: z.array(Text).min(1),
    not_when: z.array(Text).default([]),
    repair_observation: Seconds,
  }),
  words: z.array(Text).default([]).describe('search words beyond the title'),
  references: z.array(Source).min(1),
});
export type RiskDocument = z.infer<typeof RiskDocument>;
