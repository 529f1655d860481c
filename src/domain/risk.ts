import { z } from 'zod';
import { STEP } from './names';
import { ServiceChain } from './service-chain';
import { Reasoning, stepResultOf } from './step-result';

/** From the mildest to the worst: a risk may only be moved to the right. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export const LIKELIHOODS = ['low', 'medium', 'high'] as const;
export const Severity = z.enum(SEVERITIES);
export type Severity = z.infer<typeof Severity>;
export const Likelihood = z.enum(LIKELIHOODS);
export type Likelihood = z.infer<typeof Likelihood>;

/** The closed vocabulary of primary mitigations; an executor can carry out nothing else. */
export const MitigationAction = z.enum([
  'restart',
  'rollback',
  'scale_out',
  'drain_host',
  'throttle',
  'disable_feature',
  'failover',
  'pause',
]);
export type MitigationAction = z.infer<typeof MitigationAction>;

export const Risk = z.strictObject({
  type: z.string(),
  mitigation: MitigationAction,
  severity: Severity,
  likelihood: Likelihood,
  reason: z.string(),
  /** Ids of facts of this run, e.g. `chain:frontend->checkout` or `version:v1.0.0->v1.1.0`. */
  evidence: z.array(z.string()).min(1),
  /** Ids of knowledge documents. */
  knowledge: z.array(z.string()).min(1),
  /** Names of the metric groups that would show it. */
  watch: z.array(z.string()),
});
export type Risk = z.infer<typeof Risk>;

export const RiskPredictionDetails = z.strictObject({
  risks: z.array(Risk),
  service: z.string(),
  chain: ServiceChain.pick({
    upstream: true,
    downstream: true,
    edges: true,
    source: true,
    status: true,
    truncated: true,
  }),
  reasoning: Reasoning,
});
export type RiskPredictionDetails = z.infer<typeof RiskPredictionDetails>;

export const RiskPrediction = stepResultOf(STEP.riskPrediction, RiskPredictionDetails);
export type RiskPrediction = z.infer<typeof RiskPrediction>;
