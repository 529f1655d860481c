/** Private ranges of IPv4 addresses; pods and instances come and go in them. */
const RANGES: readonly [pattern: RegExp, name: string][] = [
  [/^10\./, '10.0.0.0/8'],
  [/^192\.168\./, '192.168.0.0/16'],
  [/^172\.(?:1[6-9]|2\d|3[01])\./, '172.16.0.0/12'],
  [/^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./, '100.64.0.0/10'],
  [/^169\.254\./, '169.254.0.0/16'],
];

/** `host:port`, `[::1]:port` or a host alone. */
export function hostAndPort(peer: string): { host: string; port: string } {
  const [, six, sixPort = ''] = /^\[([^\]]*)\](:\d{1,5})?$/.exec(peer) ?? [];
  if (six !== undefined) return { host: six, port: sixPort };
  if (/:.*:/.test(peer)) return { host: peer, port: '' };
  const [, host = peer, port = ''] = /^(.*?)(:\d{1,5})?$/.exec(peer) ?? [];
  return { host, port };
}

const isFour = (host: string): boolean => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
const isSix = (host: string): boolean => host.includes(':') && /^[\da-f:.]+$/i.test(host);

/** An address that names nobody. */
export const isBareAddress = (peer: string): boolean => {
  const { host } = hostAndPort(peer);
  return isFour(host) || isSix(host);
};

/** The own machine or pod: a sidecar or a local agent, another one for each caller. */
export function isLocal(peer: string): boolean {
  const { host } = hostAndPort(peer);
  return host === 'localhost' || host === '::1' || (isFour(host) && host.startsWith('127.'));
}

/** What addresses of one kind are shown as: `10.42.0.7:8080` → `10.0.0.0/8:8080`. */
export function rangeOfAddress(peer: string): string {
  const { host, port } = hostAndPort(peer);
  if (isSix(host)) return `IPv6 addresses${port}`;
  const range = RANGES.find(([pattern]) => pattern.test(host))?.[1];
  return `${range ?? 'public addresses'}${port}`;
}

/**
 * The service that a name inside of a cluster stands for: `pay.prod.svc.cluster.local` → `pay`,
 * `ldap-0.ldap.prod.svc` → `ldap`, `pay.service.consul` → `pay`; null for other names.
 */
export function serviceOfHost(peer: string): string | null {
  const labels = hostAndPort(peer).host.toLowerCase().split('.');
  const svc = labels.indexOf('svc');
  if (svc >= 2) return labels[svc - 2] ?? null;
  const consul = labels.indexOf('consul');
  if (consul >= 2 && labels.at(-1) === 'consul') {
    const at = labels.findIndex((label) => label === 'service' || label === 'connect');
    return at > 0 ? (labels[at - 1] ?? null) : null;
  }
  return null;
}
