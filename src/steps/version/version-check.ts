import type { Host, HostRef } from '../../domain/host';
import type { VersionCheckDetails } from '../../domain/version-check';
import { similarNames } from '../text/similar-names';

export type Refusal = 'VersionConflict' | 'HostsUnhealthy' | 'NoTargetHosts';
export type VersionVerdict = {
  refusal?: Refusal;
  summary: string;
  details: VersionCheckDetails;
  /** Hosts run several versions / some host does not run the service yet. */
  mixed: boolean;
  withoutService: string[];
};
export type VersionFacts = {
  service: string;
  candidate: string;
  /** The hosts that the request names; all hosts of the service when absent. */
  requested?: readonly HostRef[];
  hosts: readonly Host[];
  /** The services of the release system, if it has no hosts of this one and lists them. */
  known?: readonly string[];
};

/** Ids listed in the result; the counts include all. */
const MAX_LISTED = 100;
const MAX_SIMILAR = 3;

/** Whether the conditions for a release hold: targets exist, are healthy, and none runs the candidate. */
export function checkVersion(facts: VersionFacts): VersionVerdict {
  const unknown = unknownHosts(facts);
  const targets = targetsOf(facts);
  const unhealthy = targets.flatMap((host) => unhealthyReason(host, facts.service) ?? []);
  const taken = targets.filter((host) =>
    sameVersion(versionOn(host, facts.service), facts.candidate),
  );
  const versions = countVersions(targets, facts.service);
  const [refusal, reason] = refuse(facts, targets, unknown, taken, unhealthy);
  return {
    refusal,
    summary: refusal === undefined ? 'No conflict detected' : reason,
    mixed: Object.keys(versions).length > 1,
    withoutService: targets
      .filter((host) => versionOn(host, facts.service) === undefined)
      .map((host) => host.host_id),
    details: {
      candidate: facts.candidate,
      conflict_reason: reason,
      current: mostCommon(versions),
      has_conflict: taken.length > 0,
      service: facts.service,
      hosts: { total: targets.length, healthy: targets.length - unhealthy.length },
      unhealthy_hosts: unhealthy.slice(0, MAX_LISTED),
      conflict_hosts: taken.slice(0, MAX_LISTED).map((host) => host.host_id),
      current_versions: versions,
      reasoning: { mode: 'knowledge' },
    },
  };
}

function refuse(
  { service, candidate, known = [] }: VersionFacts,
  targets: readonly Host[],
  unknown: readonly string[],
  taken: readonly Host[],
  unhealthy: readonly { host_id: string; reason: string }[],
): [Refusal | undefined, string] {
  if (unknown.length > 0) {
    return [
      'NoTargetHosts',
      `the release system has no such host of ${service}: ${names(unknown)}`,
    ];
  }
  if (targets.length === 0)
    return [
      'NoTargetHosts',
      `the release system has no hosts of ${service}${similar(service, known)}`,
    ];
  if (taken.length > 0) {
    const hosts = names(taken.map((host) => host.host_id));
    return [
      'VersionConflict',
      `${taken.length} of ${targets.length} hosts already run ${candidate}: ${hosts}`,
    ];
  }
  if (unhealthy.length > 0) {
    const hosts = names(unhealthy.map(({ host_id, reason }) => `${host_id} (${reason})`));
    return [
      'HostsUnhealthy',
      `${unhealthy.length} of ${targets.length} hosts are not healthy: ${hosts}`,
    ];
  }
  return [undefined, ''];
}

/** Names are compared letter by letter, capitals too, as in metrics and traces: a similar one is only named. */
function similar(service: string, known: readonly string[]): string {
  const near = similarNames(service, known).slice(0, MAX_SIMILAR);
  return near.length === 0 ? '' : `; similar: ${near.join(', ')}`;
}

/** The hosts that the release goes to. */
export function targetsOf({ requested, hosts }: Pick<VersionFacts, 'requested' | 'hosts'>): Host[] {
  if (requested === undefined) return [...hosts];
  const asked = new Set(requested.map((host) => host.host_id));
  return hosts.filter((host) => asked.has(host.host_id));
}

/** Requested hosts that the release system does not know, or knows under another address. */
function unknownHosts({ requested, hosts }: VersionFacts): string[] {
  const addresses = new Map(hosts.map((host) => [host.host_id, host.host_ip]));
  return (requested ?? []).flatMap(({ host_id, host_ip }) => {
    const known = addresses.get(host_id);
    if (known === undefined) return [host_id];
    return known === host_ip ? [] : [`${host_id} with address ${host_ip} (it has ${known})`];
  });
}

/** Why a host must not be released to now; undefined when it is healthy. */
export function unhealthyReason(
  host: Host,
  service: string,
): { host_id: string; reason: string } | undefined {
  if (host.status !== 'running') return { host_id: host.host_id, reason: `host is ${host.status}` };
  const found = host.services.find(({ name }) => name === service);
  if (found === undefined || found.status === 'active') return undefined;
  return { host_id: host.host_id, reason: `service is ${found.status}` };
}

const versionOn = (host: Host, service: string): string | undefined =>
  host.services.find(({ name }) => name === service)?.version;

/** `v1.1.0` and `1.1.0` are one version. */
const sameVersion = (a: string | undefined, b: string): boolean =>
  a !== undefined && a.replace(/^v(?=\d)/i, '') === b.replace(/^v(?=\d)/i, '');

function countVersions(hosts: readonly Host[], service: string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const host of hosts) {
    const version = versionOn(host, service);
    if (version !== undefined) counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** Ties go to the version that sorts last, so that two readings of one fleet agree. */
const mostCommon = (versions: Record<string, number>): string =>
  Object.entries(versions).sort(([a, n], [b, m]) => m - n || (a < b ? 1 : -1))[0]?.[0] ?? '';

const names = (list: readonly string[]): string =>
  list.length <= 5 ? list.join(', ') : `${list.slice(0, 5).join(', ')} and ${list.length - 5} more`;
