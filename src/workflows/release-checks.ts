import { workflowInfo } from '@temporalio/workflow';
import type { Issue } from '../domain/issue';
import { FAILURE } from '../domain/names';
import type { Conflict } from '../domain/release-claim';
import type { ServiceChain } from '../domain/service-chain';
import { activities } from './activity-options';
import { conflicting, refused, refuseOver } from './refusals';
import type { VerifiedRelease } from './service-claim';

/** Neighbours that are being released: a refusal, or with an override what it overrides. */
export async function neighbours(
  { request, outcome }: VerifiedRelease,
  chain: ServiceChain | null,
): Promise<Conflict[]> {
  if (chain === null || chain.upstream.length + chain.downstream.length === 0) return [];
  const { service, override } = request;
  const { upstream, downstream } = chain;
  const conflicts = await activities.checkNeighbours.executeWithOptions(
    { summary: 'releases in progress up and down the chain' },
    [{ service, hosts: outcome.result.details.hosts.total, chain: { upstream, downstream } }],
  );
  if (override === undefined) refuseOver(conflicts, outcome.result);
  return conflicts;
}

/** The second check, just before delivery. */
export async function confirm({ request, outcome }: VerifiedRelease, issue: Issue): Promise<void> {
  const { service, version, hosts: requested, executor, delivery, override } = request;
  const { changes, conflicts } = await activities.confirmRelease.executeWithOptions(
    { summary: 'hosts, neighbours and freezes once more' },
    [
      {
        ...{ service, version, requested, executor, delivery, override },
        issueId: issue.issue_id,
        runId: workflowInfo().originalExecutionRunId,
      },
    ],
  );
  if (changes.length > 0) {
    const reason = `the plan no longer fits the hosts: ${changes.join('; ')}`;
    throw refused(FAILURE.planOutdated, reason, conflicting(outcome.result, reason));
  }
  refuseOver(conflicts, outcome.result);
}
