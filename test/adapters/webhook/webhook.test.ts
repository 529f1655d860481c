import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createWebhook, SIGNATURE_HEADER } from '../../../src/adapters/webhook/webhook';
import { UpstreamError } from '../../../src/adapters/upstream/upstream-error';
import type { Notice } from '../../../src/domain/execution/notice';
import { onLoopback } from '../../fixtures/servers/loopback';

const notice: Notice = {
  ...{ id: 'release/cart/v2/1', type: 'rollout.stopped', at: '2026-11-27T10:00:00Z' },
  subject: 'cart v2',
  data: {
    ...{ service: 'cart', version: 'v2', issue_id: 'cart-v2-r1', digest: 'sha256:0' },
    ...{ workflow_id: 'release/cart/v2', phase: 'needs_person', batch: 1, batches: 3 },
    ...{ reason: { code: 'NoData', text: 'no samples' }, released_hosts: ['h1'] },
  },
};

let status = 204;
const received: { body: string; headers: IncomingHttpHeaders }[] = [];
let receiver: Awaited<ReturnType<typeof onLoopback>>;
beforeAll(async () => {
  receiver = await onLoopback(
    createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        received.push({ body, headers: request.headers });
        response.writeHead(status, { location: '/elsewhere' }).end('x'.repeat(10_000));
      });
    }),
  );
});
afterAll(() => receiver.stop());

const failureOf = async (sent: Promise<void>): Promise<UpstreamError> => {
  const error: unknown = await sent.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UpstreamError);
  return error as UpstreamError;
};

it('sends a CloudEvent whose signature is that of its bytes', async () => {
  status = 204;
  await createWebhook({ url: receiver.url, secret: 'key' }).send(notice);
  const { body, headers } = received.at(-1)!;
  expect(JSON.parse(body)).toMatchObject({
    ...{ specversion: '1.0', id: notice.id, type: 'release-prep.rollout.stopped' },
    ...{ source: 'release-prep', subject: 'cart v2', time: notice.at, data: notice.data },
  });
  const expected = createHmac('sha256', 'key').update(body).digest('hex');
  expect(headers[SIGNATURE_HEADER]).toBe(`sha256=${expected}`);
  expect(headers['content-type']).toBe('application/cloudevents+json');
});

it('signs nothing without a secret', async () => {
  await createWebhook({ url: receiver.url }).send(notice);
  expect(received.at(-1)!.headers[SIGNATURE_HEADER]).toBeUndefined();
});

it.each([
  [500, false],
  [429, false],
  [403, true],
])('fails when the receiver answers %i; permanent: %s', async (answer, permanent) => {
  status = answer;
  const failure = await failureOf(createWebhook({ url: receiver.url }).send(notice));
  expect(failure).toMatchObject({ upstream: 'webhook', status: answer, permanent });
});

it('follows no redirect: the notice goes to the address that was configured, and nowhere else', async () => {
  status = 307;
  const before = received.length;
  await failureOf(createWebhook({ url: receiver.url }).send(notice));
  expect(received.length).toBe(before + 1);
});

it('fails without the credentials of the address when nothing listens there', async () => {
  const gone = await onLoopback(createServer());
  await gone.stop();
  const address = new URL(gone.url);
  address.search = '?token=secret';
  const { message } = await failureOf(createWebhook({ url: address.href }).send(notice));
  expect(message).toContain(gone.url);
  expect(message).not.toContain('secret');
});
