import { answer, sendJson } from '../../fixtures/servers/model';
import * as traps from '../../fixtures/servers/model-traps';
import { modelOn, request, stopAll } from './fixture';

afterEach(stopAll);

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString();
const good = (call: Parameters<typeof answer>[0], response: Parameters<typeof answer>[1]) =>
  answer(call, response, { n: 1 });

it.each([
  ['seconds', { 'retry-after': '3' }, 3000],
  ['milliseconds, which win over seconds', { 'retry-after-ms': '250', 'retry-after': '3' }, 250],
  ['nothing', {}, undefined],
  ['nonsense', { 'retry-after': 'soon' }, undefined],
  ['a day', { 'retry-after': '86400' }, 86_400_000],
])('reads a pause asked for in %s, and does not take it itself', async (_n, headers, expected) => {
  const { model, server } = await modelOn(traps.busy(headers, good));
  const error = await model.ask(request).catch((e: unknown) => e);
  expect(error).toMatchObject({ status: 429, permanent: false, fault: 'status' });
  expect((error as { retryAfterMs?: number }).retryAfterMs).toBe(expected);
  expect(server.calls).toHaveLength(1);
});

it('reads a pause asked for as an HTTP date', async () => {
  const { model } = await modelOn(traps.busy({ 'retry-after': inSeconds(20) }, good));
  const error = (await model.ask(request).catch((e: unknown) => e)) as { retryAfterMs: number };
  expect(error.retryAfterMs).toBeGreaterThan(17_000);
  expect(error.retryAfterMs).toBeLessThanOrEqual(20_000);
});

it.each([
  [408, {}, false],
  [409, {}, false],
  [425, {}, false],
  [500, {}, false],
  [503, {}, false],
  [401, {}, true],
  [402, {}, true],
  [403, {}, true],
  [404, {}, true],
  [302, { location: 'http://127.0.0.1:1/' }, true],
  [503, { 'x-should-retry': 'false' }, true],
  [401, { 'x-should-retry': 'true' }, false],
])('takes status %p with %p for permanent: %p', async (status, headers, permanent) => {
  const { model } = await modelOn((_call, response) =>
    sendJson(response, { error: { message: 'no' } }, status, headers),
  );
  const fault = permanent ? 'rejected' : 'status';
  await expect(model.ask(request)).rejects.toMatchObject({ status, permanent, fault });
});

it('does not wait for an empty quota to fill', async () => {
  const { model } = await modelOn((_call, response) =>
    sendJson(response, { error: { message: 'pay', code: 'insufficient_quota' } }, 429),
  );
  await expect(model.ask(request)).rejects.toMatchObject({ permanent: true, fault: 'rejected' });
});

it.each([
  ['{message}', { message: 'the model is loading' }],
  ['{detail}', { detail: 'the model is loading' }],
  ['{error: text}', { error: 'the model is loading' }],
  ['a nested detail', { detail: [{ msg: 'the model is loading' }] }],
])('keeps the words of an error body of the form %s', async (_name, body) => {
  const { model } = await modelOn((_call, response) => sendJson(response, body, 503));
  await expect(model.ask(request)).rejects.toThrow('the model is loading');
});

it.each([
  ['a page with status 200', traps.page, 'html'],
  ['a cut connection', traps.cuts, 'transport'],
  ['a body that drips for ever', traps.drips, 'timeout'],
  ['a server that never answers', () => undefined, 'timeout'],
  ['no choices', (_c: unknown, r: never) => sendJson(r, { choices: [] }), 'not_a_completion'],
  [
    'an error with status 200',
    (_c: unknown, r: never) => sendJson(r, { error: { message: 'x' } }),
    'not_a_completion',
  ],
  ['half a JSON body', (_c: unknown, r: never) => sendJson(r, '{"choices":['), 'transport'],
  ['five megabytes', (_c: unknown, r: never) => sendJson(r, 'x'.repeat(5e6)), 'transport'],
] as const)('gives up on %s, which may pass', async (_name, behaviour, fault) => {
  // Short only where the end of the time is what is waited for.
  const timeoutMs = fault === 'timeout' ? 200 : 20_000;
  const { model } = await modelOn(behaviour as traps.Trap, { timeoutMs });
  await expect(model.ask(request)).rejects.toMatchObject({
    name: 'UpstreamError',
    permanent: false,
    fault,
  });
});

it('tells a prompt that the server cut from one that it read', async () => {
  const long = { ...request, user: JSON.stringify('fact '.repeat(8_000)) };
  const cut = await modelOn(traps.truncates({ n: 1 }, 4096));
  expect(await cut.model.ask(long)).toMatchObject({ kind: 'answer', promptTruncated: true });
  const whole = await modelOn(traps.truncates({ n: 1 }, 128_000));
  expect(await whole.model.ask(long)).toMatchObject({ kind: 'answer', promptTruncated: false });
});

it('calls Azure’s filtered prompt a filter, not a wrong format', async () => {
  const { model, server } = await modelOn((_call, response) =>
    sendJson(response, { error: { message: 'filtered', code: 'content_filter' } }, 400),
  );
  await expect(model.ask(request)).rejects.toMatchObject({ fault: 'content_filter' });
  expect(server.calls).toHaveLength(1);
});

it('passes a cancellation on as it is, also while the body drips', async () => {
  const { model } = await modelOn(traps.drips);
  const controller = new AbortController();
  const pending = model.ask({ ...request, signal: controller.signal });
  setTimeout(() => controller.abort(new Error('cancelled')), 100);
  await expect(pending).rejects.toThrow('cancelled');
});
