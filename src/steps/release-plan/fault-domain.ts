import type { Host } from '../../domain/host';

/** Labels in which release systems and Kubernetes put a host's zone, rack and region, the most common first. */
const ZONE_LABELS = [
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/zone',
  'zone',
  'az',
  'availability_zone',
  'idc',
];
const RACK_LABELS = ['rack', 'topology.kubernetes.io/rack', 'rack_id'];
const REGION_LABELS = [
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/region',
  'region',
];

/** Parts of host ids that name a place: a cloud zone (`eu-west-1a`), or a word with a number (`az2`, `rack-07`, `dc1`). */
const CLOUD_ZONE = /(?:^|[^a-z0-9])([a-z]{2,}-[a-z]+-?\d[a-z]?)(?=$|[^a-z0-9])/i;
const PLACE_WORD =
  /(?:^|[^a-z0-9])((?:az|zone|idc|dc|rack|row|cell|pod)[-_]?[a-z0-9]{1,6})(?=$|[^a-z0-9])/i;

export type FaultDomains = {
  /** Host id → the domain whose hosts fail together. */
  of: ReadonlyMap<string, string>;
  /** Host id → the rack inside its domain; the domain itself where no rack is known. */
  rackOf: ReadonlyMap<string, string>;
  /** What the domains were read from. */
  from: 'zone' | 'rack' | 'region' | 'host names' | 'nowhere';
};

/** Zone before rack before region; host names only where no field or label names one, and only if all of them have the same form. */
export function faultDomainsOf(hosts: readonly Host[]): FaultDomains {
  const zone = (host: Host) => host.zone || labelled(host, ZONE_LABELS);
  const rack = (host: Host) => labelled(host, RACK_LABELS);
  const region = (host: Host) => host.region || labelled(host, REGION_LABELS);
  const racks = new Map(hosts.map((host) => [host.host_id, rack(host) ?? '']));
  const labelledBy = (
    [
      ['zone', zone],
      ['rack', rack],
      ['region', region],
    ] as const
  ).find(([, read]) => hosts.some(read));
  if (labelledBy !== undefined) {
    const [from, read] = labelledBy;
    const other = (host: Host) => read(host) ?? `unknown ${from}`;
    return { of: new Map(hosts.map((host) => [host.host_id, other(host)])), rackOf: racks, from };
  }
  const named = namedPlaces(hosts);
  if (named !== undefined) return { of: named, rackOf: racks, from: 'host names' };
  return {
    of: new Map(hosts.map(({ host_id }) => [host_id, 'all'])),
    rackOf: racks,
    from: 'nowhere',
  };
}

const labelled = (host: Host, names: readonly string[]): string | undefined =>
  names.map((name) => host.labels?.[name]).find(Boolean);

/** The first reading under which all hosts name a place, and not each host a place of its own. */
function namedPlaces(hosts: readonly Host[]): Map<string, string> | undefined {
  const readers = [
    (id: string) => CLOUD_ZONE.exec(id)?.[1],
    (id: string) => PLACE_WORD.exec(id)?.[1],
    firstPart,
  ];
  for (const read of readers) {
    const places = new Map(hosts.map(({ host_id }) => [host_id, read(host_id)?.toLowerCase()]));
    const distinct = new Set(places.values());
    const usable =
      !distinct.has(undefined) && distinct.size > 1 && distinct.size <= hosts.length / 2;
    if (usable || (distinct.size > 1 && !distinct.has(undefined) && hosts.length < 4)) {
      return places as Map<string, string>;
    }
  }
  return undefined;
}

/** `sh1-node-001` → `sh1`: a short word that ends in a number, before the host's own number. */
const firstPart = (id: string): string | undefined =>
  /^([a-z]{1,12}\d{1,3}[a-z]?)[-_.].*\d/i.exec(id)?.[1];
