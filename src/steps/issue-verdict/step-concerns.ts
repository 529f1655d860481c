import type { RiskPredictionDetails } from '../../domain/risk';
import type { Reasoning, Warning } from '../../domain/step-result';
import type { Concern } from '../../domain/issue-verdict';
import { STEP, WARNING } from '../../domain/names';
import { failingEdges, failingEdgeText } from '../service-chain/failing-edges';
import { CONCERN, concern, counted, named } from './concern';

/** What the steps had to do without: risks, the chain, the model. */
export function degradedSteps(
  { chain }: Pick<RiskPredictionDetails, 'chain'>,
  steps: readonly { step_name: string; details: { reasoning: Reasoning } }[],
  warnings: readonly Warning[],
): Concern[] {
  const noRisks = warnings.some(({ code }) => code === WARNING.risksUnavailable);
  const fallback = steps
    .filter(({ details }) => details.reasoning.fallback_reason !== undefined)
    .map(({ step_name }) => step_name)
    .filter((name) => !(noRisks && name === STEP.riskPrediction));
  return [
    ...(noRisks ? [concern(CONCERN.risksUnavailable, 'the risks could not be predicted')] : []),
    ...(chain.status === 'unknown'
      ? [concern(CONCERN.chainNotKnown, 'the callers and callees of the service are not known')]
      : []),
    ...(chain.status === 'partial'
      ? [concern(CONCERN.chainPartial, 'the service chain may be incomplete')]
      : []),
    ...(fallback.length > 0
      ? [
          concern(
            CONCERN.modelFallback,
            `the model was not available for ${named(fallback)}; the knowledge base decided`,
            { steps: named(fallback), count: fallback.length },
          ),
        ]
      : []),
  ];
}

/** Calls between the service and its direct callers and callees that fail before the release. */
export const failingCalls = ({
  service,
  chain: { edges },
}: Pick<RiskPredictionDetails, 'service' | 'chain'>): Concern[] =>
  failingEdges({ service, edges })
    .filter(({ direct }) => direct)
    .map((edge) => {
      const { caller, callee, calls, errors } = edge;
      const text = `${failingEdgeText(edge)} before the release`;
      return concern(CONCERN.callsFail, text, { caller, callee, calls, errors });
    });

/** Warnings that a concern of another code already covers. */
const COVERED: ReadonlySet<string> = new Set([
  WARNING.serviceNotInMetrics,
  WARNING.noMetrics,
  WARNING.weakRule,
  WARNING.blindRule,
  WARNING.batchNotSeen,
  WARNING.batchNotJudgeable,
  WARNING.hostExcluded,
  WARNING.risksUnavailable,
  WARNING.chainUnavailable,
  WARNING.chainUnknown,
  WARNING.chainPartial,
  WARNING.callsFail,
  WARNING.modelFallback,
  'SignalNotWatched',
]);

/** The remaining warnings, one concern a code; equal codes are counted. */
export function otherWarnings(warnings: readonly Warning[]): Concern[] {
  const byCode = new Map<string, Warning[]>();
  for (const warning of warnings) {
    if (COVERED.has(warning.code)) continue;
    byCode.set(warning.code, [...(byCode.get(warning.code) ?? []), warning]);
  }
  return [...byCode].map(([code, same]) => {
    const first = same[0]?.message ?? code;
    const more = same.length - 1;
    return concern(code, more > 0 ? `${first} (and ${counted(more, 'more', 'more')})` : first);
  });
}
