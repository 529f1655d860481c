type ReadAttribute = (name: string) => string | null;

/** Attributes that name the callee as a service. */
const SERVICES = ['peer.service', 'service.peer.name'];
/** The host of a request, not of a store. */
const HTTP_HOST = 'http.host';
/** Host and port, in the current conventions, the older ones, and those of OpenTracing. */
const HOSTS: readonly (readonly [host: string, port: string | null])[] = [
  ['server.address', 'server.port'],
  ['net.peer.name', 'net.peer.port'],
  ['net.sock.peer.name', 'net.sock.peer.port'],
  ['peer.hostname', 'peer.port'],
  [HTTP_HOST, null],
  ['net.sock.peer.addr', 'net.sock.peer.port'],
  ['network.peer.address', 'network.peer.port'],
  ['net.peer.ip', 'net.peer.port'],
  ['peer.address', null],
  ['peer.ipv4', 'peer.port'],
  ['peer.ipv6', 'peer.port'],
];
const URLS = ['url.full', 'http.url'];
/** Envoy's name of the callees behind it: `outbound|9090||ads.prod.svc.cluster.local`. */
const CLUSTERS = ['upstream_cluster.name', 'upstream_cluster'];
const RPC_SERVICE = 'rpc.service';

export const PEER_ATTRIBUTES = [
  ...new Set([
    ...SERVICES,
    ...HOSTS.flatMap(([host, port]) => (port === null ? [host] : [host, port])),
    ...URLS,
    ...CLUSTERS,
    RPC_SERVICE,
  ]),
];

/** `host:port` of the other end, as far as attributes of its connection say it. */
export const serverOf = (read: ReadAttribute): string | null =>
  serverIn(
    read,
    HOSTS.filter(([host]) => host !== HTTP_HOST),
  );

function serverIn(read: ReadAttribute, hosts: typeof HOSTS): string | null {
  const servers = hosts.flatMap(([host, port]) => {
    const name = read(host);
    if (name === null) return [];
    const number = port === null ? null : read(port);
    return [number === null || number === '0' ? name : joined(name, number)];
  });
  return servers.find((server) => !isAddress(server)) ?? servers[0] ?? null;
}

/** The callee: the service that is named, else the name of its host, else its address, else what it offers. */
export function peerOf(read: ReadAttribute): string | null {
  const service = firstOf(read, SERVICES);
  if (service !== null) return service;
  const url = firstOf(read, URLS);
  const behind = clusterOf(firstOf(read, CLUSTERS)) ?? (url === null ? null : invokedBy(url));
  if (behind !== null) return behind;
  const server = serverIn(read, HOSTS);
  const host = url === null ? null : hostOf(url);
  const named = [server, host].find((name) => name !== null && !isAddress(name));
  return named ?? server ?? host ?? read(RPC_SERVICE);
}

function clusterOf(cluster: string | null): string | null {
  const [direction, port, , host] = (cluster ?? '').split('|');
  return direction === 'outbound' && port && host ? `${host}:${port}` : null;
}

/** Dapr's sidecar: the path says whom it calls, `http://localhost:3500/v1.0/invoke/cart/method/get`. */
function invokedBy(url: string): string | null {
  const path = parsed(url)?.pathname ?? '';
  return /^\/v1\.\d+\/invoke\/([^/]+)\/method(?:\/|$)/.exec(path)?.[1] ?? null;
}

/** Without the port that the scheme has anyway, and without credentials. */
const hostOf = (url: string): string | null => parsed(url)?.host || null;

function parsed(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}

const joined = (host: string, port: string): string =>
  host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`;

/** Addresses name nobody, and the own machine is a sidecar at most. */
const isAddress = (server: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$/.test(server) ||
  /^\[?[\da-f]*:[\da-f:.]*\]?(?::\d+)?$/i.test(server);

const firstOf = (read: ReadAttribute, names: readonly string[]): string | null =>
  names.map(read).find((value) => value !== null) ?? null;
