import type { MetricAnalysisDetails, Rule } from '../../domain/metrics';
import type { Batch } from '../../domain/release-plan';
import type { Risk } from '../../domain/risk';
import { onBreach } from './on-breach';
import { ruleIdsOf } from './rule-ids';

export type ConstraintFacts = {
  risks: readonly Risk[];
  capabilities: readonly string[];
  batches: readonly Pick<Batch, 'repair_observation_time'>[];
};

/** A breach of a weak rule must not stop a release; such rules only inform people. */
const ADVISORY: readonly Rule['severity'][] = ['low'];

/** The rules with what they mean for the release: ids, whether they gate, and what answers a breach. */
export function withConstraint(
  details: MetricAnalysisDetails,
  { risks, capabilities, batches }: ConstraintFacts,
): MetricAnalysisDetails {
  const ids = ruleIdsOf(details.metrics);
  const repairObservation = batches[0]?.repair_observation_time ?? '600s';
  return {
    ...details,
    metrics: details.metrics.map((group, index) => {
      const watching = risks.filter(({ watch }) => watch.includes(group.name));
      return {
        ...group,
        rules: group.rules.map((rule, at) => ({
          ...rule,
          rule_id: ids[index]?.[at],
          gates: rule.judgeable === 'judgeable' && !ADVISORY.includes(rule.severity),
          on_breach: onBreach({ rule, risks: watching, capabilities, repairObservation }),
          on_no_data: 'pause' as const,
        })),
      };
    }),
  };
}
