import type { Host, HostRef } from '../../domain/host';
import { targetsOf, unhealthyReason, checkVersion } from '../version/version-check';

export type ChangeFacts = {
  service: string;
  candidate: string;
  /** Undefined: the release goes to all hosts of the service. */
  requested?: readonly HostRef[];
  planned: readonly HostRef[];
  excluded: readonly { host_id: string }[];
  /** Versions and their hosts when the plan was made. */
  versions: Readonly<Record<string, number>>;
  hosts: readonly Host[];
};

/** Differences that are told; their number stands beside them. */
const MAX_TOLD = 5;

/** What changed on the hosts since the plan was made, in words; empty: the plan still holds. */
export function changesSince(facts: ChangeFacts): string[] {
  const { service, candidate, requested, planned, excluded, hosts } = facts;
  const byId = new Map(hosts.map((host) => [host.host_id, host]));
  const known = new Set([...planned, ...excluded].map(({ host_id }) => host_id));
  const targets = targetsOf({ requested, hosts });
  const gone = planned.filter(({ host_id }) => !byId.has(host_id)).map((h) => h.host_id);
  const moved = planned
    .filter(({ host_id, host_ip }) => (byId.get(host_id)?.host_ip ?? host_ip) !== host_ip)
    .map((h) => h.host_id);
  const broken = planned.flatMap(({ host_id }) => {
    const host = byId.get(host_id);
    const found = host && unhealthyReason(host, service);
    return found ? [`${host_id} (${found.reason})`] : [];
  });
  const added = targets.filter(({ host_id }) => !known.has(host_id)).map((h) => h.host_id);
  const verdict = checkVersion({ service, candidate, requested, hosts });
  const versions = verdict.details.current_versions;
  return [
    ...told('no longer known', gone),
    ...told('at another address', moved),
    ...told('not healthy any more', broken),
    ...told('new and not in the plan', added),
    ...told(`running ${candidate} already`, verdict.details.conflict_hosts),
    ...(sameCounts(versions, facts.versions)
      ? []
      : [`the versions on the hosts are now ${counts(versions)}, not ${counts(facts.versions)}`]),
  ];
}

function told(what: string, hosts: readonly string[]): string[] {
  if (hosts.length === 0) return [];
  const more = hosts.length > MAX_TOLD ? ` and ${hosts.length - MAX_TOLD} more` : '';
  return [`${hosts.slice(0, MAX_TOLD).join(', ')}${more}: ${what}`];
}

const sameCounts = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) =>
  counts(a) === counts(b);

const counts = (versions: Readonly<Record<string, number>>): string =>
  Object.entries(versions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([version, hosts]) => `${version} on ${hosts}`)
    .join(', ') || 'none';
