import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { Issue } from '../domain/issue';
import type { Conflict } from '../domain/release-claim';
import type { ReleasePlan } from '../domain/release-plan';
import type { ReleaseRequest } from '../domain/release';
import type { RiskPrediction } from '../domain/risk';
import type { ServiceChain } from '../domain/service-chain';
import type { StepOutcome } from '../domain/step-result';
import type { MetricOutcome } from '../domain/metrics';
import type { VersionCheck } from '../domain/version-check';
import { STEP } from '../domain/names';
import { activities } from './activity-options';
import { confirm, createClaim, neighbours, refused, type Claim } from './claims';
import { createProgress, type ProgressTracker } from './progress';
import { reasonOf, stepFailure } from './step-failure';

type Verified = { request: ReleaseRequest; outcome: StepOutcome<VersionCheck> };

/**
 * Prepares one release: verify → claim → (chain → neighbours, risks) ∥ (shortlist → select → thresholds) ∥ gray plan
 * → record → confirm → deliver. Input: ReleaseRequest (parsed in the first activity, since the isolate holds no
 * zod). Result: the Issue.
 */
export async function ReleasePrepWorkflow(input: unknown): Promise<Issue> {
  const progress = createProgress();
  const claim = createClaim();
  try {
    const verified = await verify(input, progress);
    const overridden = await claim.take(verified);
    progress.enter('analysing');
    const parts = await analyse(verified, progress);
    const conflicts = [...overridden, ...parts.conflicts];
    const issue = await record(verified, { ...parts, conflicts }, progress);
    if (!verified.request.dry_run) await deliver(verified, issue, { claim, progress });
    progress.finish('prepared', issue);
    return issue;
  } catch (error) {
    const failure = stepFailure(error);
    progress.fail(failure);
    throw failure;
  } finally {
    await claim.end();
  }
}

async function verify(input: unknown, progress: ProgressTracker): Promise<Verified> {
  progress.enter('verifying');
  progress.start(STEP.versionCheck);
  const { request, outcome, refusal } = await activities.verifyVersion.executeWithOptions(
    { summary: 'hosts and versions, from the release system' },
    [input],
  );
  progress.describe(request.service, request.version);
  if (refusal !== undefined) {
    progress.end(STEP.versionCheck, 'failed', outcome.result.summary);
    throw refused(refusal, outcome.result.details.conflict_reason, outcome.result);
  }
  progress.end(STEP.versionCheck, 'done', outcome.result.summary);
  return { request, outcome };
}

type Parts = {
  /** Neighbours that are being released, where the request overrides them. */
  conflicts: Conflict[];
  risks: StepOutcome<RiskPrediction> | { unavailable: string };
  metrics: MetricOutcome;
  plan: StepOutcome<ReleasePlan>;
};

/** Side by side; each branch ends before this does, so that no activity outlives the run. */
async function analyse(verified: Verified, progress: ProgressTracker): Promise<Parts> {
  const now = new Date().toISOString();
  const chain = traceChain(verified.request.service, now);
  const risks = predictRisks(verified, chain, progress);
  const [near, risk, metric, plan] = await Promise.allSettled([
    chain.then((traced) => neighbours(verified, traced.chain)),
    risks,
    analyseMetrics(verified.request.service, now, risks, progress),
    planGrayStrategy(verified.request, progress),
  ]);
  for (const branch of [near, risk, metric, plan]) {
    if (branch.status === 'rejected' && isCancellation(branch.reason)) throw branch.reason;
  }
  if (near.status === 'rejected') throw near.reason;
  if (metric.status === 'rejected') throw metric.reason;
  if (plan.status === 'rejected') throw plan.reason;
  return {
    conflicts: near.value,
    risks: risk.status === 'fulfilled' ? risk.value : { unavailable: reasonOf(risk.reason) },
    metrics: metric.value,
    plan: plan.value,
  };
}

async function predictRisks(
  { request, outcome }: Verified,
  traced: Promise<TracedChain>,
  progress: ProgressTracker,
): Promise<StepOutcome<RiskPrediction>> {
  return progress.during(STEP.riskPrediction, async () => {
    const { chain, chainError } = await traced;
    return activities.predictRisks.executeWithOptions({ summary: 'knowledge base and model' }, [
      {
        service: request.service,
        version: request.version,
        currentVersions: outcome.result.details.current_versions,
        hosts: outcome.result.details.hosts.total,
        chain,
        chainError,
      },
    ]);
  });
}

type TracedChain = { chain: ServiceChain | null; chainError?: string };

/** Without a chain the risks of the service itself can still be told; the issue says what is missing. */
async function traceChain(service: string, now: string): Promise<TracedChain> {
  try {
    const chain = await activities.traceServiceChain.executeWithOptions(
      { summary: `callers and callees of ${service}` },
      [{ service, now }],
    );
    return { chain };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { chain: null, chainError: reasonOf(error) };
  }
}

async function analyseMetrics(
  service: string,
  now: string,
  risks: Promise<StepOutcome<RiskPrediction>>,
  progress: ProgressTracker,
): Promise<MetricOutcome> {
  return progress.during(STEP.metricAnalysis, async () => {
    const shortlist = await activities.shortlistMetrics.executeWithOptions(
      { summary: 'the whole metric catalogue → a few hundred' },
      [{ service, now }],
    );
    const known = await risks.then(
      ({ result }) =>
        result.details.risks.map(({ type, watch, severity }) => ({ type, watch, severity })),
      (error: unknown) => {
        if (isCancellation(error)) throw error;
        return null;
      },
    );
    const selection = await activities.selectMetrics.executeWithOptions(
      { summary: known === null ? 'without risks' : `for ${known.length} risks` },
      [{ shortlist, risks: known }],
    );
    return activities.setThresholds.executeWithOptions(
      { summary: 'levels from the running system' },
      [{ selection, now }],
    );
  });
}

async function planGrayStrategy(
  { service, version, hosts }: ReleaseRequest,
  progress: ProgressTracker,
): Promise<StepOutcome<ReleasePlan>> {
  return progress.during(STEP.releasePlan, () =>
    activities.planGrayStrategy.executeWithOptions(
      { summary: hosts === undefined ? 'all hosts' : `${hosts.length} hosts asked for` },
      [{ service, version, hosts }],
    ),
  );
}

async function record(
  { request, outcome }: Verified,
  parts: Parts,
  progress: ProgressTracker,
): Promise<Issue> {
  const { service, version, dry_run: dryRun, override } = request;
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
        ...(override !== undefined && { override: { ...override, conflicts: parts.conflicts } }),
        dryRun,
      },
    ],
  );
}

/** Looks once more at hosts, neighbours and freezes, then hands the issue and the claim to the executor. */
async function deliver(
  verified: Verified,
  issue: Issue,
  { claim, progress }: { claim: Claim; progress: ProgressTracker },
): Promise<void> {
  const { service, version, executor } = verified.request;
  progress.enter('delivering');
  await confirm(verified, issue);
  const { delivered_to: receiver } = await activities.deliverIssue.executeWithOptions(
    { summary: issue.issue_id },
    [{ service, version, issueId: issue.issue_id, digest: issue.digest, executor }],
  );
  if (receiver !== null) claim.handOver();
}
