/** SANDBOX: a loopback HTTP server on a free port. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = { status?: number; body: unknown };
export type SandboxServer = { url: string; stop(): Promise<void> };

/** Serves JSON; `handle` sees the address (a form's fields among its parameters) and the request. Answers wait `delayMs`. */
export async function serveJson(
  handle: (address: URL, request: IncomingMessage, body: string) => Answer,
  port = 0,
  delayMs = 0,
): Promise<SandboxServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const address = new URL(request.url ?? '/', 'http://localhost');
      const text = Buffer.concat(chunks).toString();
      const isForm = request.headers['content-type']?.startsWith(
        'application/x-www-form-urlencoded',
      );
      const form = new URLSearchParams(isForm ? text : '');
      form.forEach((value, key) => address.searchParams.append(key, value));
      const answer = () => {
        const { status = 200, body } = handle(address, request, text);
        const headers = { 'content-type': 'application/json' };
        response.writeHead(status, headers).end(JSON.stringify(body));
      };
      if (delayMs > 0) setTimeout(answer, delayMs);
      else answer();
    });
  });
  // A long answer holds the others up; a connection closed under a request that waits is no answer at all.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
