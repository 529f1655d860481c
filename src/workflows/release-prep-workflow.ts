import { workflowInfo } from '@temporalio/workflow';
import type { Issue } from '../domain/issue';
import type { IssueReference } from '../domain/issue-reference';
import { STEP } from '../domain/names';
import { activities } from './activity-options';
import { analyse, type Parts, type Run, type Verified } from './parallel-analysis';
import { refused } from './refusals';
import { confirm } from './release-checks';
import { createClaim } from './service-claim';
import { createOutcomes } from './step-outcomes';
import { createProgress, type ProgressTracker } from './progress-tracker';
import { createRerunDecision } from './rerun-decision';
import { stepFailure } from './step-failure';

/**
 * Prepares one release: verify → claim → (chain → neighbours, risks) ∥ (shortlist → select → thresholds) ∥ gray plan
 * → record → confirm → deliver. Input: ReleaseRequest (parsed in the first activity, since the isolate holds no
 * zod). Result: the Issue, or its reference where the request asks for it. After a failure was fixed, the flow runs
 * again from its start: steps that succeeded keep their results, steps that failed run again.
 */
export async function ReleasePrepWorkflow(input: unknown): Promise<Issue | IssueReference> {
  const run: Run = { progress: createProgress(), outcomes: createOutcomes(), claim: createClaim() };
  const endAfter = createRerunDecision(input, run);
  try {
    for (;;) {
      try {
        return await prepare(input, run);
      } catch (error) {
        const end = await endAfter(stepFailure(error));
        if (end === null) continue;
        run.progress.fail(end.failure);
        throw end.failure;
      }
    }
  } finally {
    await run.claim.end();
  }
}

async function prepare(input: unknown, run: Run): Promise<Issue | IssueReference> {
  const { outcomes, progress, claim } = run;
  const verified = await outcomes.once('verifyVersion', () => verify(input, progress));
  const overridden = await outcomes.once('claimRelease', () => claim.take(verified));
  const parts = await outcomes.whole('analysis', () => analyse(verified, run));
  const conflicts = [...overridden, ...parts.conflicts];
  const issue = await outcomes.once('recordIssue', () =>
    record(verified, { ...parts, conflicts }, progress),
  );
  if (!verified.request.dry_run) await deliver(verified, issue, run);
  progress.finish('prepared', issue);
  const { issue_id: issueId, digest } = issue;
  return verified.request.result === 'reference' ? { issue_id: issueId, digest } : issue;
}

async function verify(input: unknown, progress: ProgressTracker): Promise<Verified> {
  progress.enter('verifying');
  progress.start(STEP.versionCheck);
  const { request, outcome, refusal, verified } = await activities.verifyVersion.executeWithOptions(
    { summary: 'hosts and versions, from the release system' },
    [input],
  );
  progress.describe(request.service, request.version);
  if (refusal !== undefined) {
    progress.end(STEP.versionCheck, 'failed', outcome.result.summary);
    throw refused(refusal, outcome.result.details.conflict_reason, outcome.result);
  }
  progress.end(STEP.versionCheck, 'done', outcome.result.summary);
  return { request, outcome, verified };
}

async function record(
  { request, outcome, verified }: Verified,
  parts: Parts,
  progress: ProgressTracker,
): Promise<Issue> {
  const { service, version, dry_run: dryRun, override, requested_by: requestedBy } = request;
  const { workflowId, originalExecutionRunId } = workflowInfo();
  progress.enter('recording');
  return activities.recordIssue.executeWithOptions(
    { summary: dryRun ? 'dry run: nothing is stored' : `${service} ${version}` },
    [
      {
        service,
        version,
        // The first run of a chain of resets: a resumed run records the same issue, not another one.
        workflow: { id: workflowId, run_id: originalExecutionRunId },
        versionCheck: outcome,
        metricAnalysis: parts.metrics,
        releasePlan: parts.plan,
        riskPrediction: parts.risks,
        ...(verified !== undefined && { verified }),
        ...(requestedBy !== undefined && { requestedBy }),
        ...(override !== undefined && { override: { ...override, conflicts: parts.conflicts } }),
        dryRun,
      },
    ],
  );
}

/** Checks hosts, neighbours and freezes again, then passes the issue and the claim to the executor. */
async function deliver(
  verified: Verified,
  issue: Issue,
  { outcomes, claim, progress }: Run,
): Promise<void> {
  const { service, version, executor, delivery } = verified.request;
  progress.enter('delivering');
  await outcomes.once('confirmRelease', () => confirm(verified, issue));
  const { delivered_to: receiver, task_queue: taskQueue } = await outcomes.once(
    'deliverIssue',
    () =>
      activities.deliverIssue.executeWithOptions({ summary: issue.issue_id }, [
        { service, version, issueId: issue.issue_id, digest: issue.digest, executor, delivery },
      ]),
  );
  progress.delivered({ to: receiver, ...(taskQueue !== undefined && { task_queue: taskQueue }) });
  if (receiver !== null) claim.handOver();
}
