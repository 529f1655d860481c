import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { tlsOptionsOf, type TemporalAccess } from '../config/temporal-access';

/** With the start of Node, a command fails within 3 s. */
const PROBE_LIMIT_MS = 2_000;
const TICK_MS = 100;
const SILENT =
  'it accepts connections and does not answer: check that Temporal runs, and that TEMPORAL_ADDRESS is its gRPC port (7233 by default)';
const NOT_GRPC =
  'it answers, but not by gRPC: TEMPORAL_ADDRESS must be the gRPC port (7233 by default), not that of the Web UI (8233 or 8080)';
/** In TLS 1.3 a server refuses a client certificate only after the handshake, in its first record. */
const LATE_ALERT_MS = 500;

const AUTHORITY =
  'its certificate was issued by an unknown authority: set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the PEM file of that authority';
const CLIENT =
  'it requires a client certificate from an authority that it trusts: set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH (mTLS)';

const ADVICE: [RegExp, string][] = [
  [/ECONNREFUSED/, 'nothing listens at this address: start Temporal, or fix TEMPORAL_ADDRESS'],
  [/ENOTFOUND|EAI_AGAIN/, 'the host name cannot be resolved: fix TEMPORAL_ADDRESS'],
  [
    /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/,
    'the address cannot be reached: fix TEMPORAL_ADDRESS or the network',
  ],
  [/SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|UNKNOWN_CA$/, AUTHORITY],
  [
    /ALTNAME_INVALID/,
    'its certificate is for another name: set TEMPORAL_TLS_SERVER_NAME to a name of the certificate',
  ],
  [/CERT_HAS_EXPIRED/, 'its certificate has expired: renew it'],
  [/CERT_NOT_YET_VALID/, 'its certificate is not valid yet: check the clocks of both machines'],
  [
    /WRONG_VERSION|PACKET_LENGTH|EPROTO/,
    'it does not use TLS: unset TEMPORAL_TLS and TEMPORAL_API_KEY (an API key turns TLS on), or fix TEMPORAL_ADDRESS',
  ],
  [
    /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE|CERTIFICATE)|ECONNRESET/,
    CLIENT,
  ],
];

/**
 * Why a connection to Temporal failed, and how to fix it. The gRPC client reports "before the deadline" for any reason;
 * a plain connection to the same address shows the cause. Undefined when the plain connection works.
 */
export async function diagnoseTemporal(access: TemporalAccess): Promise<string | undefined> {
  const { tls } = access.options;
  const fault = await faultOf(tls ? tlsProbe(access) : tcpProbe(access));
  if (fault !== undefined) return adviceFor(fault);
  if (tls) return undefined;
  const unverified = await faultOf(tlsProbe(access, false));
  // A server that sends an alert because the client certificate is missing uses TLS, too.
  return unverified === undefined || /_ALERT_/.test(unverified)
    ? 'it requires TLS: set TEMPORAL_TLS=true, and TEMPORAL_TLS_SERVER_CA_CERT_PATH if its authority is private'
    : undefined;
}

/**
 * Why no gRPC server answers at the address, known within 2.2 s; undefined when one does, whatever it says, and where only
 * the client can tell.
 */
export async function unreachable(access: TemporalAccess): Promise<string | undefined> {
  if (placeOf(access.address).host === '') return undefined;
  const [fault, answer] = await Promise.all([faultOf(tcpProbe(access)), firstAnswer(access)]);
  if (fault !== undefined) return adviceFor(fault);
  switch (answer) {
    case 'settings':
      return undefined;
    case 'none':
      return SILENT;
    case 'closed':
      return access.options.tls ? undefined : diagnoseTemporal(access);
    case 'other':
      return access.options.tls ? undefined : ((await diagnoseTemporal(access)) ?? NOT_GRPC);
  }
}

type Answer = 'settings' | 'closed' | 'other' | 'none';

/** What comes first: the settings of HTTP/2, the end of the connection, another protocol or a TLS alert, or nothing. */
function firstAnswer(access: TemporalAccess): Promise<Answer> {
  return new Promise((resolve) => {
    const { tls } = access.options;
    const socket = (tls ? tlsProbe(access, false) : tcpProbe(access)).socket();
    const session = connectHttp2(`${tls ? 'https' : 'http'}://localhost`, {
      createConnection: () => socket,
    });
    const end = (answer: Answer) => {
      stop();
      session.destroy();
      socket.destroy();
      resolve(answer);
    };
    const stop = afterTicks(() => end('none'));
    session.once('remoteSettings', () => end('settings'));
    const over = () => end(socket.bytesRead > 0 ? 'other' : 'closed');
    session.on('error', over).once('close', over);
    socket.on('error', over).once('end', over);
  });
}

/** Calls `late` after the limit; time in which the event loop was busy does not count, since no answer was read in it. */
function afterTicks(late: () => void): () => void {
  let left = PROBE_LIMIT_MS / TICK_MS;
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    late();
  }, TICK_MS);
  return () => clearInterval(timer);
}

const adviceFor = (fault: string): string =>
  `${ADVICE.find(([pattern]) => pattern.test(fault))?.[1] ?? 'the connection fails'} (${fault})`;

function placeOf(address: string): { host: string; port: number } {
  const { hostname, port } = new URL(`tcp://${address.replace(/^\w+:\/\//, '')}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 7233) };
}

const tcpProbe = ({ address }: TemporalAccess) => ({
  socket: () => connectTcp(placeOf(address)),
  ready: 'connect',
  graceMs: 0,
});

function tlsProbe({ address, options }: TemporalAccess, verify = true) {
  const place = placeOf(address);
  const socket = () =>
    connectTls({
      ...place,
      rejectUnauthorized: verify,
      ALPNProtocols: ['h2'],
      servername: isIP(place.host) ? '' : place.host,
      ...tlsOptionsOf(options),
    });
  return { socket, ready: 'secureConnect', graceMs: verify ? LATE_ALERT_MS : 0 };
}

/** The code of the error, undefined when the connection was made. */
function faultOf(probe: { socket: () => Socket; ready: string; graceMs: number }) {
  return new Promise<string | undefined>((resolve) => {
    const socket = probe.socket();
    const end = (fault?: string) => {
      stop();
      socket.destroy();
      resolve(fault);
    };
    const stop = afterTicks(() => end('ETIMEDOUT'));
    socket.once(probe.ready, () => setTimeout(end, probe.graceMs));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.once('end', () => end('ECONNRESET'));
  });
}
