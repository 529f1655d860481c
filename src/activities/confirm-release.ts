import { addSeconds } from 'date-fns';
import { UpstreamError } from '../adapters/upstream/upstream-error';
import type { HostRef } from '../domain/host';
import { workflowIdOf } from '../domain/names';
import type { Issue } from '../domain/issue';
import type { Conflict, Override } from '../domain/release-claim';
import { receiverOf } from '../steps/claims/issue-receiver';
import { changesSince } from '../steps/release-plan/plan-changes';
import { checkNeighbours, freezeNow, take } from './claim-release';
import type { Deps } from './runtime/activity-deps';
import { withHeartbeat } from './runtime/heartbeat';
import { parseSeconds } from '../steps/text/parse-seconds';

export type ConfirmReleaseArgs = {
  service: string;
  version: string;
  issueId: string;
  requested?: HostRef[];
  executor?: { workflow_id: string };
  delivery?: 'execute' | 'none';
  override?: Override;
  /** The first run of the preparation; absent in runs that began before 0.2.0. */
  runId?: string;
};
/** `changes`: the plan no longer fits the hosts. `conflicts`: releases or freezes that block it now. */
export type Confirmation = { changes: string[]; conflicts: Conflict[] };

/** Repairs may double a plan's time; after it the claim ends by itself. */
const REPAIR_FACTOR = 2;

/**
 * Checks again just before delivery: whether the hosts still run as planned, whether there is a freeze, and whether a
 * neighbour is being released. The claim passes to the release first, so that at least one of two neighbours sees the
 * other.
 */
export function confirmRelease(
  deps: Pick<Deps, 'issueStore' | 'releaseSystem' | 'releaseLock' | 'knowledge' | 'executor'>,
  args: ConfirmReleaseArgs,
): Promise<Confirmation> {
  return withHeartbeat(async (signal) => {
    const { service, override } = args;
    const issue = await storedIssue(deps, args.issueId);
    const hosts = await deps.releaseSystem.hostsOf(service, signal);
    const changes = changesSince({ ...plannedIn(issue), ...args, candidate: args.version, hosts });
    if (changes.length > 0) return { changes, conflicts: [] };
    const total = issue.steps[0].details.hosts.total;
    const { policy } = issue.steps[2].details.gray_strategy;
    const frozen = freezeNow(deps, service, { hosts: total, planned: policy });
    const taken = await handOver(deps, args, issue);
    const { chain } = issue.steps[3].details;
    const asked = { service, hosts: total, planned: policy, chain };
    const near = await checkNeighbours(deps, asked, taken.holder);
    if (override !== undefined) return { changes: [], conflicts: [] };
    return { changes: [], conflicts: [...frozen, ...taken.conflicts, ...near] };
  });
}

async function storedIssue(
  { issueStore }: Pick<Deps, 'issueStore'>,
  issueId: string,
): Promise<Issue> {
  const issue = await issueStore.get(issueId);
  if (issue === null) throw new UpstreamError('issue-store', `${issueId} is not stored`);
  return issue;
}

function plannedIn({ steps: [check, , plan] }: Issue) {
  const { batches, excluded_hosts: excluded } = plan.details.gray_strategy;
  return {
    planned: batches.flatMap(({ hosts }) => hosts),
    excluded,
    versions: check.details.current_versions,
  };
}

/** The executor's run keeps the claim from now on; without an executor, the preparation keeps it until it ends. */
function handOver(
  deps: Pick<Deps, 'releaseLock' | 'executor'>,
  { service, version, executor, delivery, override, runId }: ConfirmReleaseArgs,
  issue: Issue,
): ReturnType<typeof take> {
  const workflowId = workflowIdOf(service, version);
  const { total_time: total } = issue.steps[2].details.gray_strategy;
  const until = addSeconds(new Date(), REPAIR_FACTOR * parseSeconds(total)).toISOString();
  const receiver = receiverOf({ service, version, executor, delivery }, deps.executor);
  const nobody = receiver.kind === 'nobody';
  const holder = {
    ...{ service, version, workflow_id: workflowId, until },
    held_by: nobody ? workflowId : receiver.workflowId,
    ...(nobody && runId !== undefined && { run_id: runId }),
  };
  return take(deps, { ...holder, phase: 'releasing' }, override);
}
