import { z } from 'zod';
import { LIKELIHOODS, SEVERITIES, STEP } from './names';
import { Seconds } from './seconds';
import { ChainNode, ServiceChain } from './service-chain';
import { Reasoning, stepResultOf } from './step-result';

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

/** A fact of this run that a risk may cite, and what it says. */
export const Evidence = z.strictObject({ id: z.string(), says: z.string() });
export type Evidence = z.infer<typeof Evidence>;

/** How the fault is handled, only from the knowledge base; times in seconds, as `600s`. */
export const RiskPlan = z.strictObject({
  steps: z.array(z.string()).min(1),
  /** When not to take the action. */
  not_when: z.array(z.string()),
  repair_observation_time: Seconds,
});
export type RiskPlan = z.infer<typeof RiskPlan>;

export const Risk = z.strictObject({
  type: z.string(),
  mitigation: MitigationAction,
  severity: Severity,
  likelihood: Likelihood,
  reason: z.string(),
  /** Ids of facts of this run, e.g. `chain:frontend->checkout` or `version:v1.0.0->v1.1.0`. */
  evidence: z.array(z.string()).min(1),
  /** Ids of knowledge documents; the first is the risk's own, from which its plan comes. */
  knowledge: z.array(z.string()).min(1),
  /** Names of the metric groups that would show it. */
  watch: z.array(z.string()),
  plan: RiskPlan.optional(),
  /** What the model did, where one was used: it added or raised the risk, or worded the reason alone. */
  model: z.enum(['added', 'raised', 'worded']).optional(),
});
export type Risk = z.infer<typeof Risk>;

/** How the documents were found: all there are, those that apply, those that the model was offered in addition, and their tokens. */
export const Retrieval = z.strictObject({
  documents: z.int().nonnegative(),
  applied: z.int().nonnegative(),
  offered: z.int().nonnegative(),
  /** Estimate, characters / 3, of what is in the prompt. */
  tokens: z.int().nonnegative(),
});
export type Retrieval = z.infer<typeof Retrieval>;

/** Why a part of the model's proposal was not taken. */
export const DroppedBecause = z.enum([
  'unknown_risk',
  'unknown_evidence',
  'no_evidence',
  'repeated',
  'over_limit',
  'loosened',
]);
export type DroppedBecause = z.infer<typeof DroppedBecause>;

/** What became of the model's proposal. */
export const ProposalTaken = z.strictObject({
  added: z.int().nonnegative(),
  raised: z.int().nonnegative(),
  dropped: z.partialRecord(DroppedBecause, z.int().positive()),
});
export type ProposalTaken = z.infer<typeof ProposalTaken>;

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
  }).extend({
    /** Stores, brokers, unidentified callees, and services whose direction is unknown: who is neither upstream nor downstream. */
    nodes: z.array(ChainNode).optional(),
  }),
  /** The facts that the risks cite. */
  evidence: z.array(Evidence).optional(),
  retrieval: Retrieval.optional(),
  proposal: ProposalTaken.optional(),
  reasoning: Reasoning,
});
export type RiskPredictionDetails = z.infer<typeof RiskPredictionDetails>;

export const RiskPrediction = stepResultOf(STEP.riskPrediction, RiskPredictionDetails);
export type RiskPrediction = z.infer<typeof RiskPrediction>;
