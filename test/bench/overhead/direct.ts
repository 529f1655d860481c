/** The flow of ReleasePrepWorkflow as plain calls, one after and beside the other as there: without durability. */
import type { Activities } from '../../../src/activities';
import type { Issue } from '../../../src/domain/issue';
import { workflowIdOf } from '../../../src/domain/names';

type Request = { service: string; version: string };

/** The same activities in the same order as the workflow's; progress, retries and history are left out. */
export async function prepareDirectly(activities: Activities, input: Request): Promise<Issue> {
  const { request, outcome } = await activities.verifyVersion(input);
  const { service, version } = request;
  const { current_versions: currentVersions, hosts } = outcome.result.details;
  await activities.claimRelease({ service, version, hosts: hosts.total });
  const now = new Date().toISOString();
  const traced = activities.traceServiceChain({ service, now });
  const neighbours = traced.then(({ upstream, downstream }) =>
    upstream.length + downstream.length === 0
      ? []
      : activities.checkNeighbours({
          service,
          hosts: hosts.total,
          chain: { upstream, downstream },
        }),
  );
  const predicted = traced.then((chain) =>
    activities.predictRisks({ service, version, currentVersions, hosts: hosts.total, chain }),
  );
  const shortlisted = activities.shortlistMetrics({ service, now });
  const measured = predicted.then(async ({ result }) => {
    const shortlist = await shortlisted;
    const selection = await activities.selectMetrics({ shortlist, risks: result.details.risks });
    return activities.setThresholds({ selection, now });
  });
  const planned = activities.planGrayStrategy({ service, version });
  const [, riskPrediction, metricAnalysis, releasePlan] = await Promise.all([
    neighbours,
    predicted,
    measured,
    planned,
  ]);
  const issue = await activities.recordIssue({
    service,
    version,
    workflow: { id: workflowIdOf(service, version), run_id: `direct-${service}` },
    versionCheck: outcome,
    metricAnalysis,
    releasePlan,
    riskPrediction,
  });
  const { issue_id: issueId, digest } = issue;
  await activities.confirmRelease({ service, version, issueId });
  await activities.deliverIssue({ service, version, issueId, digest });
  return issue;
}
