import type { ExecutionReason, SeenHost } from '../../domain/execution/execution';
import { batchesOf, ranBefore, targetsOf, type ExecutableIssue } from './executable-issue';

/** Hosts that a sentence names; of the others it gives the number. */
const MAX_NAMED = 10;

export function namedHosts(hosts: readonly string[]): string {
  const more = hosts.length > MAX_NAMED ? ` and ${hosts.length - MAX_NAMED} more` : '';
  return `${hosts.slice(0, MAX_NAMED).join(', ')}${more}`;
}

/** `released`: hosts that this release has put the candidate on, or is about to. */
type Release = { issue: ExecutableIssue; released: readonly string[] };

/**
 * What another hand has changed: a released host that does not run the candidate any more, a host that is not released
 * and runs something else than at verification, the candidate on a host that this release did not deploy.
 */
export function foreignChange(
  { issue, released }: Release,
  seen: readonly SeenHost[],
): ExecutionReason | undefined {
  const { candidate } = issue;
  const own = new Set(released);
  const targets = ranBefore(issue);
  const planned = new Set(batchesOf(issue).flatMap(({ hosts }) => hosts.map((h) => h.host_id)));
  const extra = seen.filter(({ host_id, version }) => version === candidate && !own.has(host_id));
  if (extra.length > 0)
    return reasonOf('ExtraHost', `run ${candidate}, but this release did not deploy them`, extra);
  const drifted = seen.filter(({ host_id, version }) => {
    if (own.has(host_id)) return version !== candidate;
    const target = targets.get(host_id);
    return planned.has(host_id) && target !== undefined && version !== target;
  });
  if (drifted.length > 0)
    return reasonOf('VersionDrift', 'run another version than this release left there', drifted);
  const known = new Set(seen.map(({ host_id }) => host_id));
  const gone = released.filter((host) => !known.has(host));
  return gone.length === 0
    ? undefined
    : {
        code: 'VersionDrift',
        text: `${namedHosts(gone)}: not known to the release system any more`,
        source: 'release-system',
      };
}

/** Hosts of a release that are not healthy. */
export function unhealthyOf(
  hosts: readonly string[],
  seen: readonly SeenHost[],
): ExecutionReason | undefined {
  const byId = new Map(seen.map((host) => [host.host_id, host]));
  const sick = hosts.filter((id) => byId.get(id)?.healthy !== true);
  return sick.length === 0
    ? undefined
    : {
        code: 'HostsUnhealthy',
        text: `${namedHosts(sick.map((id) => `${id} (${byId.get(id)?.status ?? 'gone'})`))}: not healthy`,
        source: 'release-system',
      };
}

/** Hosts that do not run a version yet, or not in health. */
export const notRunning = (
  hosts: readonly string[],
  version: string,
  seen: readonly SeenHost[],
): string[] => {
  const byId = new Map(seen.map((host) => [host.host_id, host]));
  return hosts.filter((id) => {
    const host = byId.get(id);
    return host?.version !== version || !host.healthy;
  });
};

export type HostGroup = { version: string; host_ids: string[] };

/** Which hosts go back to which version; those that run it in health already are not touched. */
export function rollbackGroups(
  issue: ExecutableIssue,
  released: readonly string[],
  seen: readonly SeenHost[],
): { groups: HostGroup[]; back: HostGroup[]; unknown: string[] } {
  const targets = targetsOf(issue);
  const groups = new Map<string, string[]>();
  const back = new Map<string, string[]>();
  const unknown: string[] = [];
  for (const host of released) {
    const version = targets.get(host);
    if (version === undefined) unknown.push(host);
    else {
      const to = notRunning([host], version, seen).length === 0 ? back : groups;
      to.set(version, [...(to.get(version) ?? []), host]);
    }
  }
  return { groups: listOf(groups), back: listOf(back), unknown };
}

const listOf = (groups: ReadonlyMap<string, string[]>): HostGroup[] =>
  [...groups].map(([version, host_ids]) => ({ version, host_ids }));

const reasonOf = (code: string, text: string, hosts: readonly SeenHost[]): ExecutionReason => ({
  code,
  text: `${namedHosts(hosts.map(({ host_id, version }) => `${host_id} (${version ?? 'none'})`))} ${text}`,
  source: 'release-system',
});
