/** TEST STAND-IN: an OpenTelemetry collector that keeps what it is sent by OTLP over HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export type OtlpCatcher = { url: string; received: () => string; stop(): Promise<void> };

/** Takes every export; `received` has paths, headers but `authorization`, and bodies. */
export async function startOtlpCatcher(): Promise<OtlpCatcher> {
  let received = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      // The credential is for the collector: it is not looked for here.
      const headers = { ...request.headers };
      delete headers.authorization;
      const body = Buffer.concat(chunks);
      const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      received += `${request.url} ${JSON.stringify(headers)}\n${plain.toString('latin1')}\n`;
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
