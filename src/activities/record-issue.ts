import { addSeconds } from 'date-fns';
import { sealIssue } from '../adapters/issue-store/seal';
import { Issue } from '../domain/issue';
import type { RiskPrediction } from '../domain/risk';
import type { StepOutcome } from '../domain/step-result';
import { assembleIssue, risksUnavailable, type IssueParts } from '../steps/issue';
import { rolloutOf } from '../steps/knowledge-lookup';
import { timestamp } from './clock';
import type { Deps } from './deps';

export type RecordIssueArgs = Omit<IssueParts, 'riskPrediction'> & {
  service: string;
  version: string;
  workflow: { id: string; run_id: string };
  riskPrediction: StepOutcome<RiskPrediction> | { unavailable: string };
  dryRun?: boolean;
};

/** Joins the steps into the issue and stores it once a preparation; a dry run stores nothing. */
export async function recordIssue(
  deps: Pick<Deps, 'issueStore' | 'knowledge'>,
  args: RecordIssueArgs,
): Promise<Issue> {
  const { service, version, workflow, riskPrediction: risks } = args;
  const now = new Date();
  const validity = Number.parseInt(
    rolloutOf(service, deps.knowledge)?.issue_valid_for ?? '86400s',
    10,
  );
  const draft = assembleIssue(
    {
      service,
      candidate: version,
      created_at: timestamp(now),
      expires_at: timestamp(addSeconds(now, validity)),
      workflow,
    },
    {
      ...args,
      riskPrediction:
        'unavailable' in risks
          ? risksUnavailable(service, risks.unavailable, timestamp(now))
          : risks,
    },
  );
  // What the schema does not allow must not be stored: a mistake of ours shows here, not in the executor.
  const sealed = Issue.parse(sealIssue(draft, 1));
  return args.dryRun ? sealed : deps.issueStore.record(draft);
}
