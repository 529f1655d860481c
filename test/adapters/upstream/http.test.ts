import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { parseRetryAfter, requestJson } from '../../../src/adapters/upstream/http';

let server: Server | undefined;
const serve = async (listener: RequestListener): Promise<URL> => {
  server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path?secret=1`);
};
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const schema = z.object({ n: z.number() });
const request = (url: URL, more: object = {}) =>
  requestJson({ upstream: 'prometheus', url, schema, ...more });

it('parses the answer', async () => {
  const url = await serve((_, response) => response.end('{"n":1}'));
  await expect(request(url)).resolves.toEqual({ n: 1 });
});

it('says method, address and status, and leaves the query out of messages', async () => {
  const url = await serve((_, response) => response.writeHead(401).end('who?'));
  await expect(request(url)).rejects.toMatchObject({
    name: 'UpstreamError',
    status: 401,
    permanent: true,
    message: expect.stringMatching(
      /^prometheus: GET http:\/\/127\.0\.0\.1:\d+\/path answered 401: who\?; fix PROMETHEUS_TOKEN, or PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD$/,
    ),
  });
});

it('shows the beginning of a long address', async () => {
  const url = await serve((_, response) => response.writeHead(404).end('no'));
  const long = new URL(`/v1/hosts/${encodeURIComponent('\u1e9e'.repeat(253))}`, url);
  const error: unknown = await request(long).catch((one: unknown) => one);
  expect((error as Error).message).toMatch(
    /\/v1\/hosts\/%E1.*… answered 404: no; PROMETHEUS_URL must be the address before/,
  );
  expect((error as Error).message.length).toBeLessThan(700);
});

it.each([
  [
    'a login page elsewhere',
    302,
    '',
    /redirects to https:\/\/login\.example\.com, .*fix PROMETHEUS_URL$/,
  ],
  ['a page for people', 200, '<!DOCTYPE html><html>', /a page for people: PROMETHEUS_URL must be/],
  ['the path of a page', 404, 'no', /PROMETHEUS_URL must be the address before \/api\/v1/],
])('says what to fix: %s', async (_, status, body, message) => {
  const location = 'https://login.example.com/?token=canary';
  const url = await serve((__, response) => response.writeHead(status, { location }).end(body));
  const error = await request(url).catch((one: Error) => one);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).not.toContain('canary');
});

it('says that a server does not use TLS', async () => {
  const url = await serve(() => undefined);
  url.protocol = 'https:';
  await expect(request(url)).rejects.toThrow(/begin PROMETHEUS_URL with http:\/\/ \(ERR_SSL/);
});

it('passes on what Retry-After asks for', async () => {
  const url = await serve((_, response) => response.writeHead(429, { 'retry-after': '7' }).end());
  await expect(request(url)).rejects.toMatchObject({ permanent: false, retryAfterMs: 7000 });
});

it('does not follow a redirect', async () => {
  const url = await serve((_, response) => response.writeHead(302, { location: '/other' }).end());
  await expect(request(url)).rejects.toMatchObject({ status: 302, permanent: true });
});

it('gives up on an answer that is too long, too slow, no JSON or of another shape', async () => {
  const url = await serve((req, response) => {
    if (req.url?.includes('slow')) return void response.write('{');
    response.end(req.url?.includes('html') ? '<html>' : '{"n":"one"}');
  });
  await expect(request(url, { maxBytes: 3 })).rejects.toMatchObject({ permanent: true });
  await expect(request(new URL('/slow', url), { timeoutMs: 50 })).rejects.toThrow('within 50 ms');
  await expect(request(new URL('/html', url))).rejects.toMatchObject({ permanent: false });
  await expect(request(url)).rejects.toThrow('n: Invalid input');
});

it('passes the caller’s own abort on as it is', async () => {
  const url = await serve(() => undefined);
  const controller = new AbortController();
  const pending = request(url, { signal: controller.signal });
  controller.abort(new Error('cancelled by the workflow'));
  await expect(pending).rejects.toThrow('cancelled by the workflow');
});

it('names the reason when nobody listens', async () => {
  const url = await serve(() => undefined);
  server?.close();
  await new Promise((resolve) => server?.once('close', resolve));
  await expect(request(url)).rejects.toThrow(/fix PROMETHEUS_URL \(ECONNREFUSED\)/);
});

it('sends credentials of the URL as a header, and in no message', async () => {
  const url = await serve((req, response) =>
    response.writeHead(req.headers.authorization === 'Basic dTpw' ? 200 : 403).end('{"n":2}'),
  );
  url.username = 'u';
  url.password = 'p';
  await expect(request(url)).resolves.toEqual({ n: 2 });
});

it.each([
  ['3', 3000],
  ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
  ['Thu, 01 Jan 2020 00:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('reads Retry-After %p as %p ms', (header, expected) => {
  expect(parseRetryAfter(header, Date.parse('2026-01-01T00:00:00Z'))).toBe(expected);
});
