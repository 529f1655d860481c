import {
  createServer,
  request as send,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { sleep } from '../fixtures/wait';

/** What becomes of a request: `cut` and `stall` happen in the middle of the answer's body. */
export type Mode =
  | { kind: 'pass' }
  | { kind: 'refuse' }
  | { kind: 'cut' }
  | { kind: 'stall'; ms: number }
  | { kind: 'answer'; status: number; headers?: Record<string, string> };

export const PASS: Mode = { kind: 'pass' };

export type FaultProxy = {
  url: string;
  setMode(mode: Mode): Promise<void>;
  /** Requests that did not simply pass, and those that the upstream itself did not answer. */
  faulted(): number;
  failed(): string[];
  stop(): Promise<void>;
};

/** An HTTP proxy on a loopback port before one upstream, which breaks what it is told to break. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let mode = PASS;
  let faulted = 0;
  const failed: string[] = [];
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => {
      failed.push(`${request.method} ${request.url}: ${String(error)}`);
      response.destroy();
    });
  });
  // Idle connections are the client's to close: a server that does it first may meet a request on its way.
  server.keepAliveTimeout = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bytesOf(request);
    if (mode.kind === 'answer') {
      faulted += 1;
      const text = JSON.stringify({ error: { message: `the proxy answers ${mode.status}` } });
      response
        .writeHead(mode.status, { 'content-type': 'application/json', ...mode.headers })
        .end(text);
      return;
    }
    const { head, bytes } = await forward(target, request, body);
    // The mode of now: a fault also meets what was on its way.
    if (mode.kind !== 'pass') faulted += 1;
    await answer(response, head, bytes, mode);
  };
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    faulted: () => faulted,
    failed: () => failed,
    async setMode(next) {
      const [was, is] = [mode.kind === 'refuse', next.kind === 'refuse'];
      mode = next;
      if (is && !was) await close();
      if (was && !is) await listen(port);
    },
    stop: () => (mode.kind === 'refuse' ? Promise.resolve() : close()),
  };
}

/** Of the connection behind the proxy, not of the one before it. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding'];

async function answer(
  response: ServerResponse,
  head: IncomingMessage,
  bytes: Buffer,
  mode: Mode,
): Promise<void> {
  const headers: OutgoingHttpHeaders = { ...head.headers, 'content-length': String(bytes.length) };
  for (const name of HOP_BY_HOP) delete headers[name];
  response.writeHead(head.statusCode ?? 502, headers);
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  if (mode.kind === 'cut') {
    response.write(half, () => response.destroy());
    return;
  }
  if (mode.kind === 'stall') {
    response.write(half);
    await sleep(mode.ms);
    response.end(bytes.subarray(half.length));
    return;
  }
  response.end(bytes);
}

async function forward(
  target: string,
  { method, url = '/', headers }: IncomingMessage,
  body: Buffer,
): Promise<{ head: IncomingMessage; bytes: Buffer }> {
  const { hostname, port } = new URL(target);
  const head = await new Promise<IncomingMessage>((resolve, reject) => {
    const own = { ...headers, connection: 'close' };
    // No agent: Node's keeps a connection whose answer does not say `close`, though the server closes it then.
    send({ hostname, port, method, path: url, headers: own, agent: false }, resolve)
      .on('error', reject)
      .end(body);
  });
  return { head, bytes: await bytesOf(head) };
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
