/** TEST STAND-IN: a system that refuses, and quotes all that it was sent in its error, as some really do. */
import { createServer } from 'node:http';
import { onLoopback } from './loopback';

export type Mirror = { url: string; received: () => string; stop(): Promise<void> };

/** Answers `status` with the request quoted at several places and in several ways; `hang` answers nothing at all. */
export async function startMirror(status: number | 'hang'): Promise<Mirror> {
  let received = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const authorization = request.headers.authorization ?? '';
      const [, basic = ''] = /^(?:Basic|ApiKey) (.*)$/.exec(authorization) ?? [];
      const sent = {
        authorization,
        decoded: Buffer.from(basic, 'base64').toString(),
        body: Buffer.concat(chunks).toString('utf8'),
        headers: request.headers,
        url: request.url,
      };
      received += `${JSON.stringify(sent)}\n${sent.decoded}\n`;
      if (status === 'hang') return;
      const dump = Buffer.from(`authorization: ${authorization}`).toString('base64');
      const said = `invalid credentials ${authorization} ${sent.decoded} ${dump}`;
      const reason = { type: 'security_exception', reason: said, sent };
      response
        .writeHead(status, {
          'content-type': 'application/json',
          'x-elastic-product': 'Elasticsearch',
          'www-authenticate': authorization,
        })
        .end(
          JSON.stringify({
            message: said,
            error: { ...reason, message: said, root_cause: [reason] },
            status,
          }),
        );
    });
  });
  return { ...(await onLoopback(server)), received: () => received };
}
