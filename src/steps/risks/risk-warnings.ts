import type { Knowledge } from '../../domain/knowledge/knowledge';
import { STEP, WARNING } from '../../domain/names';
import type { ServiceChain } from '../../domain/service-chain';
import type { Warning } from '../../domain/step-result';
import { profileOf } from '../knowledge/lookup';
import { failingEdges, failingEdgeText } from '../service-chain/failing-edges';
import { cleanText } from '../text/sanitize-text';
import type { Situation } from './situation';

export type RiskWarningFacts = {
  service: string;
  chain: ServiceChain | null;
  chainError?: string | undefined;
  historyError?: string | undefined;
  metricsError?: string | undefined;
  situation: Situation;
};

/** Most warnings of one kind; the chain shows all failing calls. */
const MAX_FAILING = 5;

/** What is missing for the risk step, and calls next to the service that fail before the release. */
export function riskWarnings(facts: RiskWarningFacts, knowledge: Knowledge): Warning[] {
  const { service, historyError, metricsError, situation } = facts;
  const found: [string, string | undefined][] = [
    chainWarning(facts),
    [
      WARNING.unknownService,
      profileOf(service, knowledge) === undefined
        ? `the knowledge base has no profile of ${service}: ${situation.evidence.get(`kind:${situation.kind}`)?.says}`
        : undefined,
    ],
    [
      WARNING.kindUncertain,
      metricsError && `the kind of ${service} could not be found from its metrics: ${metricsError}`,
    ],
    [
      WARNING.historyUnavailable,
      historyError && `earlier releases of ${service} could not be read: ${historyError}`,
    ],
  ];
  const missing = found.flatMap(([code, message]) =>
    message === undefined ? [] : [{ step_name: STEP.riskPrediction, code, message }],
  );
  return [...missing, ...failingWarnings(facts.chain)];
}

/** A callee that fails today makes metrics of the service look bad whatever the release does. */
const failingWarnings = (chain: ServiceChain | null): Warning[] =>
  failingEdges(chain)
    .filter(({ direct }) => direct)
    .slice(0, MAX_FAILING)
    .map((edge) => ({
      step_name: STEP.riskPrediction,
      code: WARNING.callsFail,
      message: `${cleanText(failingEdgeText(edge), MAX_TEXT)} in the sampled traces, before the release`,
    }));

const MAX_TEXT = 400;

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
