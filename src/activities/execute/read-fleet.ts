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

/** The freeze that holds now, by the policy of the plan. */
export function readFreeze(
  deps: Pick<Deps, 'knowledge'>,
  { service, hosts, policy }: { service: string; hosts: number; policy: string },
): Promise<{ reason: string; until: string | null } | null> {
  const [freeze] = freezeNow(deps, service, { hosts, planned: policy });
  return Promise.resolve(
    freeze === undefined ? null : { reason: freeze.reason, until: freeze.until },
  );
}
