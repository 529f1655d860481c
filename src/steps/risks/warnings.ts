import type { Knowledge } from '../../domain/knowledge/knowledge';
import { STEP, WARNING } from '../../domain/names';
import type { ServiceChain } from '../../domain/service-chain';
import type { Warning } from '../../domain/step-result';
import { profileOf } from '../knowledge/lookup';
import type { Situation } from './situation';

export type RiskWarningFacts = {
  service: string;
  chain: ServiceChain | null;
  chainError?: string | undefined;
  historyError?: string | undefined;
  metricsError?: string | undefined;
  situation: Situation;
};

/** What the risk step had to do without, and what follows from it. */
export function riskWarnings(facts: RiskWarningFacts, knowledge: Knowledge): Warning[] {
  const { service, historyError, metricsError, situation } = facts;
  const told: [string, string | undefined][] = [
    chainWarning(facts),
    [
      WARNING.unknownService,
      profileOf(service, knowledge) === undefined
        ? `the knowledge base has no profile of ${service}: ${situation.evidence.get(`kind:${situation.kind}`)?.says}`
        : undefined,
    ],
    [
      WARNING.kindUncertain,
      metricsError && `the metrics of ${service} could not tell its kind: ${metricsError}`,
    ],
    [
      WARNING.historyUnavailable,
      historyError && `earlier releases of ${service} could not be read: ${historyError}`,
    ],
  ];
  return told.flatMap(([code, message]) =>
    message === undefined ? [] : [{ step_name: STEP.riskPrediction, code, message }],
  );
}

function chainWarning(facts: RiskWarningFacts): [string, string | undefined] {
  const { service, chain, chainError } = facts;
  if (chain === null)
    return [
      WARNING.chainUnavailable,
      `the service chain could not be read: ${chainError ?? 'no reason given'}`,
    ];
  if (chain.status === 'unknown')
    return [WARNING.chainUnknown, `no trace shows ${service}: its callers and callees are unknown`];
  return [
    WARNING.chainPartial,
    chain.status === 'partial'
      ? `the service chain is incomplete: ${chain.truncated.join(', ')}`
      : undefined,
  ];
}
