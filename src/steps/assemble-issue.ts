import type { VerifiedFacts } from '../domain/constraint';
import type { IssueDraft } from '../domain/issue';
import type { MetricAnalysis } from '../domain/metrics';
import type { ReleasePlan } from '../domain/release-plan';
import type { RiskPrediction } from '../domain/risk';
import type { StepOutcome, Warning } from '../domain/step-result';
import type { VersionCheck } from '../domain/version-check';
import { STEP, WARNING } from '../domain/names';
import { withBatchExpressions } from './metric-analysis/batch-expressions';
import { batchWarnings } from './metric-analysis/batch-judgeability';
import { conflictText } from './claims/claim-conflicts';
import { withConstraint } from './constraint/constrain';
import { verdictOf } from './issue-verdict/issue-verdict';

export type PolicyDemands = Pick<
  IssueDraft,
  'approvals' | 'max_repairs' | 'deploy_timeout' | 'not_before'
>;
export type IssueParts = {
  versionCheck: StepOutcome<VersionCheck>;
  metricAnalysis: StepOutcome<MetricAnalysis>;
  releasePlan: StepOutcome<ReleasePlan>;
  riskPrediction: StepOutcome<RiskPrediction>;
};

/** What every release system can do. */
const LEAST_CAPABILITIES = ['deploy', 'rollback'];

/** The issue before the store gives it a revision: the user's document, in the user's order of steps. */
export function assembleIssue(
  about: Pick<
    IssueDraft,
    'service' | 'candidate' | 'created_at' | 'expires_at' | 'workflow' | 'override'
  > & {
    /** Absent in runs that verified before the release system was asked what it can do. */
    verified?: VerifiedFacts;
    /** What the rollout policy demands. */
    demands?: PolicyDemands;
  },
  parts: IssueParts,
): IssueDraft {
  const { versionCheck, metricAnalysis, releasePlan, riskPrediction } = parts;
  const { batches } = releasePlan.result.details.gray_strategy;
  const watched = withConstraint(withBatchExpressions(metricAnalysis.result.details, batches), {
    risks: riskPrediction.result.details.risks,
    capabilities: about.verified?.capabilities ?? LEAST_CAPABILITIES,
    batches,
  });
  const steps: IssueDraft['steps'] = [
    versionCheck.result,
    { ...metricAnalysis.result, details: watched },
    releasePlan.result,
    riskPrediction.result,
  ];
  const warnings = [
    ...overrideWarnings(about.override),
    ...[versionCheck, metricAnalysis, releasePlan, riskPrediction].flatMap(
      (outcome) => outcome.warnings,
    ),
    ...batchWarnings(watched, batches),
  ];
  return {
    candidate: about.candidate,
    created_at: about.created_at,
    service: about.service,
    steps,
    title: `Release Preparation - ${about.service} ${about.candidate}`,
    schema_version: '1.0',
    expires_at: about.expires_at,
    workflow: about.workflow,
    warnings,
    verdict: verdictOf({ steps, warnings }),
    ...about.verified,
    ...about.demands,
    ...(about.override !== undefined && { override: about.override }),
  };
}

function overrideWarnings(override: IssueDraft['override']): Warning[] {
  if (override === undefined || override.conflicts.length === 0) return [];
  const { by, reason, conflicts } = override;
  const message = `${by} went on in spite of it (${reason}): ${conflictText(conflicts)}`;
  return [{ step_name: STEP.versionCheck, code: WARNING.overridden, message }];
}

/** The issue's risk section after the risk step failed: no risks, and the reason. */
export function risksUnavailable(
  service: string,
  reason: string,
  timestamp: string,
): StepOutcome<RiskPrediction> {
  const window = { from: '', to: '' };
  const source = { schema: 'none', indices: [], window, traces: { sampled: 0, total: 0 } };
  return {
    warnings: [
      {
        step_name: STEP.riskPrediction,
        code: WARNING.risksUnavailable,
        message: `the risks could not be predicted: ${reason}`,
      },
    ],
    result: {
      step_name: STEP.riskPrediction,
      status: 'warning',
      summary: 'risks are unknown',
      details: {
        risks: [],
        service,
        chain: {
          upstream: [],
          downstream: [],
          edges: [],
          source,
          status: 'unknown',
          truncated: [],
        },
        reasoning: { mode: 'knowledge', fallback_reason: reason },
      },
      timestamp,
    },
  };
}
