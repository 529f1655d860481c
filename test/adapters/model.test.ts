import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { createModel } from '../../src/adapters/model';

let server: Server | undefined;
const seen: { body: string; headers: Record<string, unknown> }[] = [];
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  seen.length = 0;
});

async function modelThat(listener: RequestListener, timeoutMs?: number) {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ body, headers: request.headers });
      listener(request, response);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return createModel({
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey: 'secret',
    model: 'm',
    timeoutMs,
  });
}
const completion = (message: object, finish_reason = 'stop') =>
  JSON.stringify({
    id: '1',
    object: 'chat.completion',
    created: 1,
    model: 'm-1',
    choices: [{ index: 0, finish_reason, message }],
    usage: { total_tokens: 7 },
  });
const request = { name: 'x', schema: z.strictObject({ n: z.number() }), system: 's', user: 'u' };
const answering = (text: string) =>
  modelThat((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(text);
  });

it.each([
  ['plain JSON', '{"n":1}'],
  ['a code fence', '```json\n{"n":1}\n```'],
  ['thoughts before it', '<think>let me see {</think>\n{"n":1}'],
])('accepts %s', async (_name, content) => {
  const model = await answering(completion({ role: 'assistant', content }));
  expect(await model.ask(request)).toEqual({
    kind: 'answer',
    value: { n: 1 },
    model: 'm-1',
    tokens: 7,
  });
});

it.each([
  ['a refusal', completion({ role: 'assistant', content: null, refusal: 'no' }), 'refused'],
  ['a filter', completion({ role: 'assistant', content: '' }, 'content_filter'), 'filter'],
  ['a cut answer', completion({ role: 'assistant', content: '{"n"' }, 'length'), 'token limit'],
  ['spaces', completion({ role: 'assistant', content: '   ' }), 'blank'],
  ['prose', completion({ role: 'assistant', content: 'Sure! n is 1.' }), 'no JSON'],
  ['another shape', completion({ role: 'assistant', content: '{"n":"one"}' }), 'wrong shape at n'],
  ['extra keys', completion({ role: 'assistant', content: '{"n":1,"m":2}' }), 'wrong shape'],
])('calls %s unusable', async (_name, body, reason) => {
  const model = await answering(body);
  expect(await model.ask(request)).toMatchObject({
    kind: 'unusable',
    reason: expect.stringContaining(reason),
    tokens: 7,
  });
});

it.each([
  [429, { 'retry-after': '3' }, { permanent: false, retryAfterMs: 3000 }],
  [500, {}, { permanent: false }],
  [401, {}, { permanent: true }],
  [402, {}, { permanent: true }],
])('maps status %p', async (status, headers, expected) => {
  const model = await modelThat((_, response) =>
    response.writeHead(status, headers).end('{"error":{"message":"no"}}'),
  );
  await expect(model.ask(request)).rejects.toMatchObject({
    name: 'UpstreamError',
    status,
    ...expected,
  });
  expect(seen).toHaveLength(1);
});

it('does not wait for an empty purse to fill', async () => {
  const model = await modelThat((_, response) =>
    response.writeHead(429).end('{"error":{"message":"pay","code":"insufficient_quota"}}'),
  );
  await expect(model.ask(request)).rejects.toMatchObject({ permanent: true });
});

it('steps down to json_object with the schema in the prompt when the server knows no json_schema', async () => {
  const model = await modelThat((_, response) => {
    if (seen.length === 1)
      return void response
        .writeHead(400)
        .end('{"error":{"message":"response_format json_schema is not supported"}}');
    response.setHeader('content-type', 'application/json');
    response.end(completion({ role: 'assistant', content: '{"n":1}' }));
  });
  expect(await model.ask(request)).toMatchObject({ kind: 'answer' });
  expect(seen[1]?.body).toContain('json_object');
  expect(seen[1]?.body).toContain('JSON Schema');
});

it('gives up on HTML, on a cut connection and on a dripping body', async () => {
  const html = await answering('<html>');
  await expect(html.ask(request)).rejects.toMatchObject({
    name: 'UpstreamError',
    permanent: false,
  });
  server?.close();
  const cut = await modelThat((r) => r.socket.destroy());
  await expect(cut.ask(request)).rejects.toMatchObject({ permanent: false });
  server?.close();
  const slow = await modelThat((_, response) => void response.writeHead(200).write('{'), 200);
  await expect(slow.ask(request)).rejects.toMatchObject({ name: 'UpstreamError' });
});

it('passes the workflow’s cancellation on as it is', async () => {
  const model = await modelThat(() => undefined);
  const controller = new AbortController();
  const pending = model.ask({ ...request, signal: controller.signal });
  controller.abort(new Error('cancelled'));
  await expect(pending).rejects.toThrow('cancelled');
});
