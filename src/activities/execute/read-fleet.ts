import type { SeenHost } from '../../domain/execution/execution';
import { freezeNow } from '../claim-release';
import type { Deps } from '../runtime/activity-deps';
import { withHeartbeat } from '../runtime/heartbeat';

const HEALTHY = 'running';

/** All hosts of a service as they are now. */
export const readFleet = (
  { releaseSystem }: Pick<Deps, 'releaseSystem'>,
  { service }: { service: string },
): Promise<SeenHost[]> =>
  withHeartbeat(async (signal) => {
    const hosts = await releaseSystem.hostsOf(service, signal);
    return hosts.map(({ host_id, status, services }) => {
      const own = services.find(({ name }) => name === service);
      const runs = status.toLowerCase() === HEALTHY;
      return {
        host_id,
        version: own?.version ?? null,
        healthy: runs && own?.status.toLowerCase() === 'active',
        status: runs ? (own?.status ?? 'does not run the service') : status,
      };
    });
  });

/** A release of another version is looked at again so often. */
const LOOK_AGAIN_MS = 30_000;

export type Obstacle = { reason: string; until: string | null };

/**
 * What holds now: a freeze, by the policy of the plan; before the first batch also the release of another version of the
 * service, which has no verdict yet.
 */
export async function readFreeze(
  deps: Pick<Deps, 'knowledge' | 'releaseLock'>,
  {
    service,
    hosts,
    policy,
    begins,
  }: { service: string; hosts: number; policy: string; begins?: { version: string } },
): Promise<Obstacle | null> {
  const [freeze] = freezeNow(deps, service, { hosts, planned: policy });
  if (freeze !== undefined) return { reason: freeze.reason, until: freeze.until };
  if (begins === undefined) return null;
  const holder = await deps.releaseLock.holderOf(service);
  if (holder === null || holder.phase !== 'releasing' || holder.version === begins.version)
    return null;
  return {
    reason: `${service} ${holder.version} is being released by ${holder.held_by}`,
    until: new Date(Date.now() + LOOK_AGAIN_MS).toISOString(),
  };
}
