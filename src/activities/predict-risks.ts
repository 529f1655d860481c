import { z } from 'zod';
import { STEP, WARNING } from '../domain/names';
import { Likelihood, Severity, type RiskPrediction } from '../domain/risk';
import type { ServiceChain } from '../domain/service-chain';
import type { StepOutcome, Warning } from '../domain/step-result';
import { profileOf } from '../steps/knowledge-lookup';
import { acceptRiskProposal, predictFromKnowledge, situationOf } from '../steps/risk-prediction';
import { askModel, fallbackWarnings } from './ask-model';
import { timestamp } from './clock';
import type { Deps } from './deps';
import { withPulse } from './heartbeat';

export type PredictRisksArgs = {
  service: string;
  version: string;
  currentVersions: Record<string, number>;
  hosts: number;
  chain: ServiceChain | null;
  chainError?: string;
};

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
const SYSTEM = `You assess the risks of releasing one version of one service. Choose risks by their id from
"offered" alone, and cite the ids of "evidence" that make each likely. You may add offered risks and raise the
severity or likelihood of the risks that stand already; you can remove none. One sentence of reason each.`;

/** The faults that this release may bring, each with evidence and the knowledge base's plan. */
export function predictRisks(
  deps: Pick<Deps, 'knowledge' | 'model'>,
  args: PredictRisksArgs,
): Promise<StepOutcome<RiskPrediction>> {
  const { service, version, hosts, chain } = args;
  return withPulse(async () => {
    const current =
      Object.entries(args.currentVersions).sort(([, n], [, m]) => m - n)[0]?.[0] ?? '';
    const facts = { service, candidate: version, current, hosts, chain };
    const situation = situationOf(facts, deps.knowledge);
    const base = predictFromKnowledge(situation, service, deps.knowledge);
    const { value, reasoning } = await askModel(deps, {
      name: 'risks',
      schema: Proposal,
      system: SYSTEM,
      facts: {
        service,
        version,
        kind: situation.kind,
        evidence: situation.evidence,
        standing: base.map(({ knowledge, severity, likelihood }) => ({
          id: knowledge[0],
          severity,
          likelihood,
        })),
        offered: deps.knowledge.risks.map(({ id, title }) => ({ id, title })),
      },
    });
    const risks =
      value === null ? base : acceptRiskProposal(base, value, situation, deps.knowledge);
    const warnings = [
      ...warningsOf(deps, args),
      ...fallbackWarnings(STEP.riskPrediction, reasoning),
    ];
    return {
      warnings,
      result: {
        step_name: STEP.riskPrediction,
        status: warnings.length > 0 ? 'warning' : 'success',
        summary: `${risks.length} risks identified`,
        details: { risks, service, chain: chainPart(chain), reasoning },
        timestamp: timestamp(),
      },
    };
  });
}

function warningsOf(deps: Pick<Deps, 'knowledge'>, args: PredictRisksArgs): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) =>
    warnings.push({ step_name: STEP.riskPrediction, code, message });
  if (args.chain === null) {
    warn(
      WARNING.chainUnavailable,
      `the service chain could not be read: ${args.chainError ?? 'no reason given'}`,
    );
  } else if (args.chain.status === 'unknown') {
    warn(
      WARNING.chainUnknown,
      `no trace shows ${args.service}: its callers and callees are unknown`,
    );
  } else if (args.chain.status === 'partial') {
    warn(
      WARNING.chainPartial,
      `the service chain is incomplete: ${args.chain.truncated.join(', ')}`,
    );
  }
  if (profileOf(args.service, deps.knowledge) === undefined) {
    warn(
      WARNING.unknownService,
      `the knowledge base has no profile of ${args.service}: general risks apply`,
    );
  }
  return warnings;
}

function chainPart(chain: ServiceChain | null): RiskPrediction['details']['chain'] {
  if (chain === null) {
    const window = { from: '', to: '' };
    const source = { schema: 'none', indices: [], window, traces: { sampled: 0, total: 0 } };
    return { upstream: [], downstream: [], edges: [], source, status: 'unknown', truncated: [] };
  }
  const { upstream, downstream, edges, source, status, truncated } = chain;
  return { upstream, downstream, edges, source, status, truncated };
}
