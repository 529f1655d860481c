import { z } from 'zod';
import { STEP } from '../domain/names';
import { Likelihood, Severity, type RiskPrediction } from '../domain/risk';
import type { ServiceChain } from '../domain/service-chain';
import type { StepOutcome } from '../domain/step-result';
import { PREDICT_RISKS } from '../prompts/predict-risks';
import { offerOf } from '../steps/risks/prompt-retrieval';
import { predictFromKnowledge } from '../steps/risks/predict-from-knowledge';
import { acceptRiskProposal } from '../steps/risks/risk-proposal';
import { riskResult } from '../steps/risks/risk-result';
import { situationOf } from '../steps/risks/situation';
import { riskWarnings } from '../steps/risks/risk-warnings';
import { askModel, fallbackWarnings } from './model/ask-model';
import { timestamp } from './runtime/clock';
import type { Deps } from './runtime/activity-deps';
import { withHeartbeat } from './runtime/heartbeat';
import { readPastReleases, readOwnMetrics } from './measure/service-facts';

export type PredictRisksArgs = {
  service: string;
  version: string;
  currentVersions: Record<string, number>;
  hosts: number;
  chain: ServiceChain | null;
  chainError?: string;
};
type PredictRisksDeps = Pick<
  Deps,
  'knowledge' | 'model' | 'issueStore' | 'prometheus' | 'prometheusServiceLabels'
>;

const Proposal = z.strictObject({
  risks: z.array(
    z.strictObject({
      id: z.string(),
      severity: Severity,
      likelihood: Likelihood,
      evidence: z.array(z.string()),
      reason: z.string(),
    }),
  ),
});

/** The faults that this release may bring, each with evidence and the knowledge base's plan. */
export function predictRisks(
  deps: PredictRisksDeps,
  args: PredictRisksArgs,
): Promise<StepOutcome<RiskPrediction>> {
  return withHeartbeat(async (signal) => {
    const gathered = await gather(deps, args, signal);
    const { knowledge } = deps;
    const situation = situationOf(gathered.facts, knowledge);
    const prediction = predictFromKnowledge(situation, knowledge);
    const offer = offerOf(situation, args.version, prediction, knowledge);
    const names = new Set([...offer.facts.standing, ...offer.facts.offered].map(({ id }) => id));
    const { value, reasoning } = await askModel(deps, {
      name: 'risks',
      schema: Proposal,
      ...PREDICT_RISKS,
      facts: offer.facts,
      usable: ({ risks }) => risks.length === 0 || risks.some(({ id }) => names.has(id)),
    });
    const accepted =
      value && acceptRiskProposal(prediction.risks, value, offer.offered, { situation, knowledge });
    const warnings = [
      ...riskWarnings({ ...args, ...gathered, situation }, knowledge),
      ...fallbackWarnings(STEP.riskPrediction, reasoning),
    ];
    const risks = accepted?.risks ?? prediction.risks;
    const result = riskResult(
      {
        risks,
        situation,
        chain: args.chain,
        retrieval: offer.retrieval,
        proposal: accepted?.taken,
      },
      { reasoning, degraded: warnings.length > 0, timestamp: timestamp() },
    );
    return { warnings, result };
  });
}

async function gather(
  deps: PredictRisksDeps,
  { service, version: candidate, currentVersions: versions, hosts, chain }: PredictRisksArgs,
  signal: AbortSignal | undefined,
) {
  const [history, metrics] = await Promise.all([
    readPastReleases(deps, service),
    readOwnMetrics(deps, { service, now: Date.now() / 1000 }, signal),
  ]);
  signal?.throwIfAborted();
  const facts = { service, candidate, versions, hosts, chain };
  return {
    facts: { ...facts, history: history.facts, metrics: metrics.facts },
    historyError: history.missing,
    metricsError: metrics.missing,
  };
}
