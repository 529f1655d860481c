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

/** Hosts that a difference names; of the others it gives the number. */
const MAX_NAMED = 5;

/** What changed on the hosts since the plan was made, one sentence each; empty: the plan still applies. */
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
    ...named('no longer known', gone),
    ...named('at another address', moved),
    ...named('no longer healthy', broken),
    ...named('new and not in the plan', added),
    ...named(`already running ${candidate}`, verdict.details.conflict_hosts),
    ...(sameCounts(versions, facts.versions)
      ? []
      : [
          `the hosts now run ${hostCounts(versions)}; the plan was made for ${hostCounts(facts.versions)}`,
        ]),
  ];
}

function named(what: string, hosts: readonly string[]): string[] {
  if (hosts.length === 0) return [];
  const more = hosts.length > MAX_NAMED ? ` and ${hosts.length - MAX_NAMED} more` : '';
  return [`${hosts.slice(0, MAX_NAMED).join(', ')}${more}: ${what}`];
}

const sameCounts = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) =>
  hostCounts(a) === hostCounts(b);

const hostCounts = (versions: Readonly<Record<string, number>>): string =>
  Object.entries(versions)
    .sort(([a], [b]) => (a < b ? -1 : 1))

    .map(([version, hosts]) => `${version} on ${hosts} ${hosts === 1 ? 'host' : 'hosts'}`)
    .join(', ') || 'no version';
