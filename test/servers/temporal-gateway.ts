import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificates';

const {
  HTTP2_HEADER_AUTHORIZATION: AUTHORIZATION,
  HTTP2_HEADER_PATH: PATH,
  HTTP2_HEADER_STATUS: STATUS,
  HTTP2_HEADER_CONTENT_TYPE: CONTENT_TYPE,
} = http2.constants;
/** Codes of gRPC. */
export const GRPC = { internal: 13, unauthenticated: 16 } as const;

export type GatewayCall = {
  path: string;
  authorization: string | undefined;
  headers: http2.IncomingHttpHeaders;
};
export type TemporalGateway = {
  address: string;
  calls: GatewayCall[];
  /** From now on every call ends with this code, and its headers quoted; undefined: none. Cuts what is under way. */
  refuseWith(code: number | undefined): void;
  stop(): Promise<void>;
};

/**
 * TLS in front of a Temporal dev server, which speaks none: as Temporal Cloud or a company's ingress does. With
 * `clientAuthority` it asks for a client certificate (mTLS), with `apiKey` for a bearer token, and answers as they do.
 */
export async function startTemporalGateway(options: {
  backend: string;
  server: Certificate;
  clientAuthority?: string;
  apiKey?: string;
}): Promise<TemporalGateway> {
  const { server: certificate, clientAuthority, apiKey } = options;
  const calls: GatewayCall[] = [];
  let refusal: number | undefined;
  const backend = reconnecting(`http://${options.backend}`);
  const server = http2.createSecureServer({
    ...certificate,
    ...(clientAuthority !== undefined && {
      ca: clientAuthority,
      requestCert: true,
      rejectUnauthorized: true,
    }),
  });
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session)).on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    const authorization = headers[AUTHORIZATION]?.toString();
    calls.push({ path: String(headers[PATH]), authorization, headers });
    stream.on('error', () => undefined);
    if (refusal !== undefined)
      return refuse(stream, refusal, `Refused: ${JSON.stringify(headers)}`);
    if (apiKey !== undefined && authorization !== `Bearer ${apiKey}`)
      return refuse(stream, GRPC.unauthenticated, 'Request unauthorized.');
    forward(stream, backend.session(), headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    refuseWith(code) {
      refusal = code;
      sessions.forEach((session) => session.destroy());
    },
    async stop() {
      sessions.forEach((session) => session.destroy());
      backend.stop();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A Temporal server says goodbye to a connection after some minutes, and lets what is under way end. */
function reconnecting(url: string) {
  const sessions = new Set<http2.ClientHttp2Session>();
  let current: http2.ClientHttp2Session | undefined;
  const open = () => {
    const session = http2.connect(url);
    const stale = () => {
      if (current === session) current = undefined;
    };
    session.on('goaway', stale).on('error', stale);
    session.on('close', () => {
      stale();
      sessions.delete(session);
    });
    sessions.add(session);
    return session;
  };
  return {
    session: () => (current ??= open()),
    stop: () => sessions.forEach((session) => session.destroy()),
  };
}

/** A gRPC error without a body comes as trailers alone. */
const refuse = (stream: http2.ServerHttp2Stream, code: number, message: string): void =>
  stream.respond(
    {
      [STATUS]: 200,
      [CONTENT_TYPE]: 'application/grpc',
      'grpc-status': String(code),
      'grpc-message': encodeURI(message),
    },
    { endStream: true },
  );

function forward(
  stream: http2.ServerHttp2Stream,
  backend: http2.ClientHttp2Session,
  headers: http2.IncomingHttpHeaders,
): void {
  const request = backend.request({ ...headers });
  stream.pipe(request);
  stream.on('close', () => request.close(http2.constants.NGHTTP2_CANCEL));
  request.on('error', () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
  request.on('response', (answer, flags) => {
    if (stream.destroyed) return;
    const endStream = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond(answer, { endStream, waitForTrailers: !endStream });
    if (!endStream) request.pipe(stream);
  });
  let trailers: http2.IncomingHttpHeaders = {};
  request.on('trailers', (received) => (trailers = received));
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
}
