import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DataConverter } from '@temporalio/common';
import { DEFAULT_BOUNDS, parseBoundedJson, parseShape } from '../adapters/upstream/bounded-json';
import { decodePayloads, encodePayloads, WirePayloads } from './decode-payloads';

/** A page of history is at most 4 MB, a third more in Base64. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** For all requests together: a client must not fill the memory with many requests. */
const MAX_BYTES_AT_ONCE = 48 * 1024 * 1024;
const MAX_CONNECTIONS = 64;
/** 30,000 payloads with three entries of metadata each; one payload may take the whole body. */
const BODY_BOUNDS = {
  ...DEFAULT_BOUNDS,
  values: 250_000,
  keys: 100,
  depth: 8,
  text: MAX_BODY_BYTES,
};
/** What the Web UI and the CLI send with a request. */
const REQUEST_HEADERS = 'Content-Type, X-Namespace, Authorization, Authorization-Extras';
const PREFLIGHT_SECONDS = 600;

export type CodecServerOptions = {
  host: string;
  port: number;
  converter: DataConverter;
  /** Origins whose pages may send requests: that of the Web UI. */
  allowedOrigins: readonly string[];
  /** Where set, `Authorization: Bearer` must have it; without it nothing is encoded. */
  token?: string;
  onFault: (reason: string) => void;
};
export type CodecServer = { url: string; stop(): Promise<void> };

/** An answer other than 200. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Temporal's remote codec protocol: POST /decode and /encode with JSON payloads. Rejects when it cannot listen. */
export async function startCodecServer(options: CodecServerOptions): Promise<CodecServer> {
  const bytes = { atOnce: 0 };
  const server = createServer(
    (request, response) => void handle(options, bytes, request, response),
  );
  server.requestTimeout = 30_000;
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  options: CodecServerOptions,
  bytes: { atOnce: number },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    allowOrigin(options, request, response);
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const path = new URL(request.url ?? '/', 'http://codec').pathname;
    if (request.method === 'GET' && path === '/healthz') return send(response, 200, { ok: true });
    const way = /\/(encode|decode)$/.exec(path)?.[1];
    if (request.method !== 'POST' || way === undefined)
      throw new Refusal(404, 'use POST /decode or POST /encode');
    authorise(options.token, request);
    // Every worker trusts a payload encrypted with our key, so encryption requires the token.
    if (way === 'encode' && options.token === undefined)
      throw new Refusal(
        403,
        'nothing is encoded without CODEC_TOKEN: set it, and send it as a bearer token',
      );
    const body = await payloadsIn(request, bytes);
    const { converter, onFault } = options;
    send(
      response,
      200,
      way === 'encode'
        ? await encodePayloads(converter, body)
        : await decodePayloads(converter, body, onFault),
    );
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 500;
    if (!(error instanceof Refusal)) options.onFault((error as Error).message);
    if (response.headersSent) return void response.destroy();
    if (status === 401) response.setHeader('www-authenticate', 'Bearer');
    send(response, status, {
      message: status === 500 ? 'internal error' : (error as Error).message,
    });
  }
}

/** A browser sends the origin of the page, other tools do not. Pages of other origins get no answer. */
function allowOrigin(
  { allowedOrigins }: CodecServerOptions,
  { headers }: IncomingMessage,
  response: ServerResponse,
): void {
  response.setHeader('vary', 'Origin');
  const { origin } = headers;
  if (origin === undefined) return;
  if (!allowedOrigins.includes(origin))
    throw new Refusal(403, 'this origin is not allowed: add it to CODEC_ALLOWED_ORIGIN');
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-allow-methods', 'POST, OPTIONS');
  response.setHeader('access-control-allow-headers', REQUEST_HEADERS);
  response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
}

/** Compared as digests, in a time that says nothing of how much was right. */
function authorise(token: string | undefined, { headers }: IncomingMessage): void {
  if (token === undefined) return;
  const given = digestOf(headers.authorization ?? '');
  if (!timingSafeEqual(given, digestOf(`Bearer ${token}`)))
    throw new Refusal(401, 'the bearer token is missing or wrong');
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

async function payloadsIn(
  request: IncomingMessage,
  inFlight: { atOnce: number },
): Promise<WirePayloads> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      inFlight.atOnce += chunk.byteLength;
      if (bytes > MAX_BODY_BYTES)
        throw new Refusal(413, `the body exceeds ${MAX_BODY_BYTES} bytes`);
      if (inFlight.atOnce > MAX_BYTES_AT_ONCE)
        throw new Refusal(503, 'too much is asked at once: try again');
      chunks.push(chunk);
    }
    return payloadsOf(Buffer.concat(chunks).toString('utf8'));
  } finally {
    inFlight.atOnce -= bytes;
  }
}

function payloadsOf(text: string): WirePayloads {
  try {
    return parseShape(WirePayloads, parseBoundedJson(text, BODY_BOUNDS));
  } catch (error) {
    throw new Refusal(
      400,
      `the body is not JSON of the form {"payloads": [{"metadata", "data"}]} in Base64: ${(error as Error).message.slice(0, 200)}`,
    );
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}
