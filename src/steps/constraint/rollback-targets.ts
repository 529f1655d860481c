import type { VerifiedFacts } from '../../domain/constraint';
import type { Host } from '../../domain/host';

/**
 * The version that each target host runs before the release, frozen here: whatever is deployed later, a rollback goes
 * back to it. Hosts that do not run the service yet are listed apart.
 */
export function rollbackTargets(
  hosts: readonly Host[],
  service: string,
): VerifiedFacts['rollback'] {
  const byVersion = new Map<string, string[]>();
  const unknown: string[] = [];
  for (const { host_id, services } of hosts) {
    const version = services.find(({ name }) => name === service)?.version;
    if (version === undefined) unknown.push(host_id);
    else byVersion.set(version, [...(byVersion.get(version) ?? []), host_id]);
  }
  return {
    targets: Object.fromEntries(byVersion),
    ...(unknown.length > 0 && { unknown }),
  };
}
