import { STEP } from '../../domain/names';
import type { ProposalTaken, Retrieval, Risk, RiskPrediction } from '../../domain/risk';
import type { ServiceChain } from '../../domain/service-chain';
import type { Reasoning } from '../../domain/step-result';
import type { Situation } from './situation';

/** The StepResult: the risks, the facts that they cite in full, and how both were found. */
export function riskResult(
  found: {
    risks: Risk[];
    situation: Situation;
    chain: ServiceChain | null;
    retrieval: Retrieval;
    proposal: ProposalTaken | undefined;
  },
  about: { reasoning: Reasoning; degraded: boolean; timestamp: string },
): RiskPrediction {
  const { risks, situation, chain, retrieval, proposal } = found;
  const cited = new Set(risks.flatMap(({ evidence }) => evidence));
  return {
    step_name: STEP.riskPrediction,
    status: about.degraded ? 'warning' : 'success',
    summary: `${risks.length} risks identified`,
    details: {
      risks,
      service: situation.service,
      chain: chainPart(chain),
      evidence: [...situation.evidence.values()].filter(({ id }) => cited.has(id)),
      retrieval,
      ...(proposal !== undefined && { proposal }),
      reasoning: about.reasoning,
    },
    timestamp: about.timestamp,
  };
}

function chainPart(chain: ServiceChain | null): RiskPrediction['details']['chain'] {
  if (chain === null) {
    const window = { from: '', to: '' };
    const source = { schema: 'none', indices: [], window, traces: { sampled: 0, total: 0 } };
    return { upstream: [], downstream: [], edges: [], source, status: 'unknown', truncated: [] };
  }
  const { upstream, downstream, edges, source, status, truncated } = chain;
  const placed = new Set([...upstream, ...downstream].map(({ service }) => service));
  const nodes = chain.nodes.filter(({ id }) => id !== chain.service && !placed.has(id));
  return {
    upstream,
    downstream,
    edges,
    ...(nodes.length > 0 && { nodes }),
    source,
    status,
    truncated,
  };
}
