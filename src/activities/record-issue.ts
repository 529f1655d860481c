import { addSeconds } from 'date-fns';
import { sealIssue } from '../adapters/issue-store/seal';
import type { VerifiedFacts } from '../domain/constraint';
import { Issue, type IssueDraft } from '../domain/issue';
import type { MetricOutcome } from '../domain/metrics';
import type { RiskPrediction } from '../domain/risk';
import type { StepOutcome } from '../domain/step-result';
import { assembleIssue, risksUnavailable, type IssueParts } from '../steps/assemble-issue';
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
  const parts = partsOf(deps, args, now);
  return assembleIssue(
    {
      ...{ service, candidate: version, workflow, override, verified },
      created_at: timestamp(now),
      expires_at: timestamp(addSeconds(now, validSeconds(deps, parts))),
    },
    parts,
  );
}

/** The steps as the issue holds them: a placeholder for risks that failed, and the plan joined with metrics and risks. */
function partsOf(
  { knowledge }: Pick<Deps, 'knowledge'>,
  args: RecordIssueArgs,
  now: Date,
): IssueParts {
  const { service, metricAnalysis, riskPrediction: predicted } = args;
  const risks =
    'unavailable' in predicted
      ? risksUnavailable(service, predicted.unavailable, timestamp(now))
      : predicted;
  const { policy: id } = args.releasePlan.result.details.gray_strategy;
  const policy = knowledge.rollout.find((one) => one.id === id);
  const releasePlan =
    policy === undefined
      ? args.releasePlan
      : completePlan(args.releasePlan, {
          groups: metricAnalysis.result.details.metrics,
          traffic: metricAnalysis.traffic,
          risks: risks.result.details.risks,
          policy,
          policies: knowledge.rollout,
          now,
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
