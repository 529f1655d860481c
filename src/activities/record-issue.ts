import { addSeconds } from 'date-fns';
import { sealIssue } from '../adapters/issue-store/seal';
import type { VerifiedFacts } from '../domain/constraint';
import { Issue, type IssueDraft } from '../domain/issue';
import type { MetricOutcome } from '../domain/metrics';
import type { RiskPrediction } from '../domain/risk';
import type { StepOutcome } from '../domain/step-result';
import { approvalsOf, unknownPolicyApprovals } from '../steps/constraint/approvals';
import { notBefore } from '../steps/constraint/not-before';
import {
  assembleIssue,
  risksUnavailable,
  type IssueParts,
  type PolicyDemands,
} from '../steps/assemble-issue';
import { completePlan } from '../steps/release-plan/complete-plan';
import { timestamp } from './runtime/clock';
import type { Deps } from './runtime/activity-deps';
import { parseSeconds } from '../steps/text/parse-seconds';

export type RecordIssueArgs = Omit<IssueParts, 'riskPrediction' | 'metricAnalysis'> & {
  metricAnalysis: MetricOutcome;
  service: string;
  version: string;
  workflow: { id: string; run_id: string };
  riskPrediction: StepOutcome<RiskPrediction> | { unavailable: string };
  /** What verification read for the constraint. */
  verified?: VerifiedFacts;
  /** Who asked for the release; absent in runs that began before 0.2.0. */
  requestedBy?: string;
  /** Overrides: who continued despite which conflict. */
  override?: Issue['override'];
  dryRun?: boolean;
};

/** Joins the steps into the issue and stores it once per preparation; a dry run stores nothing. */
export async function recordIssue(
  deps: Pick<Deps, 'issueStore' | 'knowledge'>,
  args: RecordIssueArgs,
): Promise<Issue> {
  const draftAt = (now: Date): IssueDraft => draftOf(deps, args, now);
  const draft = draftAt(startOfSecond(new Date()));
  // Validate before storing, so that a bug is found here and not in the executor.
  const sealed = Issue.parse(sealIssue(draft, 1));
  return args.dryRun ? sealed : deps.issueStore.record(draft, draftAt);
}

/** `created_at` has whole seconds: from it, the store gets the same draft once more. */
const startOfSecond = (now: Date): Date => new Date(Math.floor(now.getTime() / 1000) * 1000);

/** The issue as it is at a time; the same arguments and time give the same draft. */
function draftOf(deps: Pick<Deps, 'knowledge'>, args: RecordIssueArgs, now: Date): IssueDraft {
  const { service, version, workflow, override, verified } = args;
  const begin = earliestBegin(deps, args, now);
  const parts = partsOf(deps, args, begin ?? now, now);
  return assembleIssue(
    {
      ...{ service, candidate: version, workflow, override, verified },
      created_at: timestamp(now),
      expires_at: timestamp(addSeconds(begin ?? now, validSeconds(deps, parts))),
      demands: demandsOf(deps, args, begin),
    },
    parts,
  );
}

type Planned = Pick<RecordIssueArgs, 'releasePlan' | 'override' | 'requestedBy'>;
const policyOf = ({ knowledge }: Pick<Deps, 'knowledge'>, { releasePlan }: Planned) => {
  const { policy: id } = releasePlan.result.details.gray_strategy;
  return { id, policy: knowledge.rollout.find((one) => one.id === id) };
};

/** Undefined when the first batch may begin at once; who overrides a freeze waits for nothing. */
function earliestBegin(deps: Pick<Deps, 'knowledge'>, args: Planned, now: Date): Date | undefined {
  const { policy } = policyOf(deps, args);
  return policy === undefined || args.override !== undefined
    ? undefined
    : notBefore(policy, deps.knowledge.rollout, now);
}

function demandsOf(
  deps: Pick<Deps, 'knowledge'>,
  args: Planned,
  begin: Date | undefined,
): PolicyDemands {
  const { id, policy } = policyOf(deps, args);
  if (policy === undefined)
    return id === undefined ? {} : { approvals: unknownPolicyApprovals(id) };
  return {
    approvals: approvalsOf(policy, args.requestedBy),
    max_repairs: policy.max_repairs,
    deploy_timeout: policy.deploy_timeout,
    ...(begin !== undefined && { not_before: timestamp(begin) }),
  };
}

/** The steps as the issue holds them: a placeholder for risks that failed, and the plan joined with metrics and risks. */
function partsOf(
  deps: Pick<Deps, 'knowledge'>,
  args: RecordIssueArgs,
  begin: Date,
  now: Date,
): IssueParts {
  const { service, metricAnalysis, riskPrediction: predicted } = args;
  const risks =
    'unavailable' in predicted
      ? risksUnavailable(service, predicted.unavailable, timestamp(now))
      : predicted;
  const { policy } = policyOf(deps, args);
  const releasePlan =
    policy === undefined
      ? args.releasePlan
      : completePlan(args.releasePlan, {
          groups: metricAnalysis.result.details.metrics,
          traffic: metricAnalysis.traffic,
          risks: risks.result.details.risks,
          policy,
          policies: deps.knowledge.rollout,
          now: begin,
        });
  return { ...args, releasePlan, riskPrediction: risks };
}

/** A plan must not outlive its issue: repairs may double its time. */
const REPAIR_FACTOR = 2;
const DAY_SECONDS = 86_400;

function validSeconds(
  { knowledge }: Pick<Deps, 'knowledge'>,
  { releasePlan }: Pick<IssueParts, 'releasePlan'>,
): number {
  const { policy, total_time: total } = releasePlan.result.details.gray_strategy;
  const valid = knowledge.rollout.find(({ id }) => id === policy)?.issue_valid_for;
  const seconds = valid === undefined ? DAY_SECONDS : parseSeconds(valid);
  return Math.max(seconds, REPAIR_FACTOR * parseSeconds(total));
}
