import type { HostRef } from '../../domain/host';

export type SeriesLabels = Readonly<Record<string, string>>;

/** Which label of the series holds the host, and its values. */
export type HostLabel = { label: string; values: string[] };

/** Where exporters, Kubernetes and OpenTelemetry put the host, the commonest first. */
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

/** `http://10.0.0.1:9100/metrics`, `[::1]:80`, `web-1.example.com:80` → the host without scheme, port and path. */
export function bareHost(value: string): string {
  const [authority = ''] = value.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').split('/', 1);
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(authority)?.[1];
  if (bracketed !== undefined) return bracketed.toLowerCase();
  return authority.replace(/^([^:]+):\d+$/, '$1').toLowerCase();
}

/** By id, address, or a name of which one is the other with a domain behind it. */
export function isOfHost(value: string, { host_id: id, host_ip: ip }: HostRef): boolean {
  const bare = bareHost(value);
  const name = id.toLowerCase();
  return (
    bare === name ||
    bare === ip.toLowerCase() ||
    bare.startsWith(`${name}.`) ||
    name.startsWith(`${bare}.`)
  );
}

/**
 * The label whose values are hosts: the one that matches most of the hosts given; without hosts the usual one
 * that tells most of the series apart. Undefined where none does.
 */
export function hostLabelOf(
  series: readonly SeriesLabels[],
  hosts: readonly HostRef[],
): HostLabel | undefined {
  const names = [...new Set(series.flatMap((labels) => Object.keys(labels)))];
  const known = names.map((label) => ({ label, values: valuesOf(series, label) }));
  const scored = known
    .map((one) => ({ ...one, score: scoreOf(one, hosts) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || rankOf(a.label) - rankOf(b.label));
  return scored[0] && { label: scored[0].label, values: scored[0].values };
}

const valuesOf = (series: readonly SeriesLabels[], label: string): string[] => [
  ...new Set(series.flatMap((labels) => labels[label] ?? [])),
];

const rankOf = (label: string): number => {
  const rank = USUAL_LABELS.indexOf(label);
  return rank < 0 ? USUAL_LABELS.length : rank;
};

function scoreOf({ label, values }: HostLabel, hosts: readonly HostRef[]): number {
  if (hosts.length > 0) return hostsWith({ label, values }, hosts).length;
  return USUAL_LABELS.includes(label) ? values.length : 0;
}

/** The hosts that have a series; a lookup by name, since fleets and label values may both be thousands. */
export function hostsWith({ values }: HostLabel, hosts: readonly HostRef[]): HostRef[] {
  const bare = new Set(values.map(bareHost));
  const short = new Set([...bare].map((name) => name.split('.')[0] ?? name));
  return hosts.filter((host) => {
    const id = host.host_id.toLowerCase();
    if (bare.has(id) || bare.has(host.host_ip.toLowerCase())) return true;
    const mayMatch = short.has(id.split('.')[0] ?? id);
    return mayMatch && values.some((value) => isOfHost(value, host));
  });
}

/** The values of the label that stand for these hosts: for a matcher of one batch. */
export const valuesOfHosts = ({ values }: HostLabel, hosts: readonly HostRef[]): string[] =>
  values.filter((value) => hosts.some((host) => isOfHost(value, host)));
