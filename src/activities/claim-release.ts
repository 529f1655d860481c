import { workflowIdOf } from '../domain/names';
import type { ClaimHolder, Conflict, Override } from '../domain/release-claim';
import { freezeAt } from '../steps/release-plan/active-freeze';
import { choosePolicy } from '../steps/release-plan/rollout-policy';
import {
  freezeConflict,
  neighbourConflicts,
  neighboursWithin,
  ownConflict,
  type Member,
} from '../steps/claims/claim-conflicts';
import type { Asked } from '../steps/claims/issue-receiver';
import { checkExecutor } from './runtime/check-executor';
import type { Deps } from './runtime/activity-deps';
import { heartbeat, withHeartbeat } from './runtime/heartbeat';

type ClaimDeps = Pick<Deps, 'releaseLock' | 'knowledge' | 'client' | 'executor'>;
export type ClaimReleaseArgs = Asked & {
  hosts: number;
  override?: Override;
  dryRun?: boolean;
  /** The first run of the preparation; absent in runs that began before 0.2.0. */
  runId?: string;
};

/**
 * Claims the service for this preparation and returns what blocks it: another version that is prepared or released, or
 * a freeze. With an override the claim replaces the holder. A dry run only checks. Fails before the claim if nobody
 * would receive the issue.
 */
export const claimRelease = (deps: ClaimDeps, args: ClaimReleaseArgs): Promise<Conflict[]> =>
  // Many preparations at the same time wait long for their locks; heartbeats show that the worker is alive.
  withHeartbeat(() => claim(deps, args));

async function claim(deps: ClaimDeps, args: ClaimReleaseArgs): Promise<Conflict[]> {
  const { service, version, hosts, override, dryRun, runId } = args;
  const frozen = freezeNow(deps, service, { hosts });
  if (dryRun) {
    const holder = await deps.releaseLock.holderOf(service);
    const other = holder !== null && holder.version !== version ? [ownConflict(holder)] : [];
    return [...frozen, ...other];
  }
  if (frozen.length > 0 && override === undefined) return frozen;
  await checkExecutor(deps, args);
  const workflowId = workflowIdOf(service, version);
  const request = {
    ...{ service, version, workflow_id: workflowId, held_by: workflowId, until: null },
    ...(runId !== undefined && { run_id: runId }),
  };
  const { conflicts } = await take(deps, { ...request, phase: 'preparing' }, override);
  return [...frozen, ...conflicts];
}

type ClaimRequest = Omit<ClaimHolder, 'since'>;

/** The claim, or the conflict with its holder; a holder whose workflow has ended is replaced. */
export async function take(
  { releaseLock }: Pick<Deps, 'releaseLock'>,
  holder: ClaimRequest,
  override: Override | undefined,
): Promise<{ conflicts: Conflict[]; holder: ClaimHolder }> {
  const first = await releaseLock.claim({ holder });
  if (first.granted) return { conflicts: [], holder: first.holder };
  const conflict = ownConflict(first.holder);
  const lives = await releaseLock.isAlive(first.holder);
  if (lives && override === undefined) return { conflicts: [conflict], holder: first.holder };
  // Replace only the holder that was checked: another one may have claimed the service since.
  const second = await releaseLock.claim({ holder, replace: first.holder });
  if (!second.granted) return { conflicts: [ownConflict(second.holder)], holder: second.holder };
  return { conflicts: lives ? [conflict] : [], holder: second.holder };
}

/** `planned`: the policy of the plan, once there is one. */
type Scope = { hosts: number; planned?: string };

/** The planned policy; without a plan, the policy of its profile or name. */
const policyOf = ({ knowledge }: Pick<Deps, 'knowledge'>, service: string, scope: Scope) =>
  knowledge.rollout.find(({ id }) => id === scope.planned) ??
  choosePolicy({ service, hosts: scope.hosts, regions: [] }, knowledge)?.policy;

/** The freeze that holds now. */
export function freezeNow(
  deps: Pick<Deps, 'knowledge'>,
  service: string,
  scope: Scope,
): Conflict[] {
  const policy = policyOf(deps, service, scope);
  const freeze = policy && freezeAt(new Date(), policy, deps.knowledge.rollout);
  return freeze === undefined ? [] : [freezeConflict(service, freeze)];
}

export type CheckNeighboursArgs = {
  service: string;
  hosts: number;
  planned?: string;
  chain: { upstream: Member[]; downstream: Member[] };
};

/** The releases in progress of services near this one on the chain. */
export async function checkNeighbours(
  deps: Pick<Deps, 'releaseLock' | 'knowledge'>,
  { service, chain, ...scope }: CheckNeighboursArgs,
  own?: Pick<ClaimHolder, 'service' | 'since'>,
): Promise<Conflict[]> {
  const hops = policyOf(deps, service, scope)?.neighbour_hops ?? 1;
  const near = neighboursWithin(chain, hops);
  return neighbourConflicts(await deps.releaseLock.holdersOf(near, heartbeat), own);
}
