import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DataConverter } from '@temporalio/common';
import { decodePayloads, encodePayloads, WirePayloads } from './decode-payloads';

/** A page of history is at most 4 MB, a third more in Base64. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** What the Web UI and the CLI send with a request. */
const REQUEST_HEADERS = 'Content-Type, X-Namespace, Authorization, Authorization-Extras';
const PREFLIGHT_SECONDS = 600;

export type CodecServerOptions = {
  host: string;
  port: number;
  converter: DataConverter;
  /** Origins whose pages may ask: that of the Web UI. */
  allowedOrigins: readonly string[];
  /** Where set, `Authorization: Bearer` must have it. */
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
  const server = createServer((request, response) => void handle(options, request, response));
  server.requestTimeout = 30_000;
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
    const body = await payloadsIn(request);
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

/** A browser says whose page asks; another tool says nothing. A page of anybody else gets no answer at all. */
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

async function payloadsIn(request: IncomingMessage): Promise<WirePayloads> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new Refusal(413, `the body exceeds ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return WirePayloads.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch {
    throw new Refusal(
      400,
      'the body is not JSON of the form {"payloads": [{"metadata", "data"}]} in Base64',
    );
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}
