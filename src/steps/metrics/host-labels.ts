import type { HostRef } from '../../domain/host';

export type SeriesLabels = Readonly<Record<string, string>>;

/** Which label of the series holds the host, and its values. */
export type HostLabel = { label: string; values: string[] };

/** Labels in which exporters, Kubernetes and OpenTelemetry put the host, the most common first. */
const USUAL_LABELS = [
  'instance',
  'host',
  'hostname',
  'host_name',
  'node',
  'nodename',
  'pod',
  'pod_name',
  'server',
  'machine',
  'exported_instance',
];

/** A host name has at most 253 characters (RFC 1035); a longer value is not parsed. */
const MAX_HOST = 253;
/** With scheme, port and a short path. */
const MAX_VALUE = 1_000;

/** `http://10.0.0.1:9100/metrics`, `[::1]:80`, `web-1.example.com:80` → the host without scheme, port and path. */
export function bareHost(value: string): string {
  if (value.length > MAX_VALUE) return value;
  const [authority = ''] = value.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').split('/', 1);
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(authority)?.[1];
  if (bracketed !== undefined) return bracketed.toLowerCase();
  return authority.replace(/^([^:]+):\d+$/, '$1').toLowerCase();
}

/** A value is a host's when it is its id or address, or a name of which one is the other with a domain added. */
export const isOfHost = (value: string, host: HostRef): boolean =>
  matchHosts([value], [host]).values.length > 0;

/**
 * The values that belong to a host, and the hosts that have a value, each in its order. Names are looked up in sets:
 * there may be thousands of hosts and of values, too many to compare each pair.
 */
function matchHosts(values: readonly string[], hosts: readonly HostRef[]) {
  const bare = values.map(bareHost);
  const ids = new Set(hosts.map(({ host_id: id }) => id.toLowerCase()));
  const ips = new Set(hosts.map(({ host_ip: ip }) => ip.toLowerCase()));
  const names = new Set(bare);
  const shorterIds = new Set([...ids].flatMap(shorterNames));
  const shorterBare = new Set([...names].flatMap(shorterNames));
  const isValueOfHost = (name: string) =>
    ids.has(name) ||
    ips.has(name) ||
    shorterIds.has(name) ||
    shorterNames(name).some((n) => ids.has(n));
  const hasValue = ({ host_id: id, host_ip: ip }: HostRef) => {
    const name = id.toLowerCase();
    return (
      names.has(name) ||
      names.has(ip.toLowerCase()) ||
      shorterBare.has(name) ||
      shorterNames(name).some((shorter) => names.has(shorter))
    );
  };
  return {
    values: values.filter((_, index) => isValueOfHost(bare[index] ?? '')),
    hosts: hosts.filter(hasValue),
  };
}

/** `web-1.example.com` → `web-1`, `web-1.example`. */
function shorterNames(name: string): string[] {
  if (name.length > MAX_HOST) return [];
  const parts = name.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}

/**
 * The label whose values are hosts: the one that matches most of the hosts given. Without hosts, the usual one with
 * most values. Undefined where there is none.
 */
export function hostLabelOf(
  series: readonly SeriesLabels[],
  hosts: readonly HostRef[],
): HostLabel | undefined {
  const scored = labelsOf(series)
    .map((one) => ({ ...one, score: scoreOf(one, hosts) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || rankOf(a.label) - rankOf(b.label));
  return scored[0] && { label: scored[0].label, values: scored[0].values };
}

/** Every label with its distinct values, in one pass over the series. */
function labelsOf(series: readonly SeriesLabels[]): HostLabel[] {
  const values = new Map<string, Set<string>>();
  for (const labels of series) {
    for (const [label, value] of Object.entries(labels)) {
      const known = values.get(label);
      if (known) known.add(value);
      else values.set(label, new Set([value]));
    }
  }
  return [...values].map(([label, distinct]) => ({ label, values: [...distinct] }));
}

const rankOf = (label: string): number => {
  const rank = USUAL_LABELS.indexOf(label);
  return rank < 0 ? USUAL_LABELS.length : rank;
};

function scoreOf({ label, values }: HostLabel, hosts: readonly HostRef[]): number {
  if (hosts.length > 0) return matchHosts(values, hosts).hosts.length;
  return USUAL_LABELS.includes(label) ? values.length : 0;
}

/** The hosts that have a series. */
export const hostsWith = ({ values }: HostLabel, hosts: readonly HostRef[]): HostRef[] =>
  matchHosts(values, hosts).hosts;

/** The values of the label that are of these hosts: for a matcher of one batch. */
export const valuesOfHosts = ({ values }: HostLabel, hosts: readonly HostRef[]): string[] =>
  matchHosts(values, hosts).values;
