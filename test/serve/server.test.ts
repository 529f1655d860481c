import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { createReleaseGate } from '../../src/gates/release-gate';
import { createServer } from '../../src/serve/server';
import { createTokens, type Role } from '../../src/serve/tokens';
import { recordedIssue } from '../fixtures/gates/recorded-issue';

type App = Awaited<ReturnType<typeof createServer>>;
const apps: App[] = [];
afterAll(() => Promise.all(apps.map((app) => app.close())));
const bodies = (name: string) =>
  JSON.parse(
    readFileSync(path.join(__dirname, `../fixtures/gates/${name}.json`), 'utf8'),
  ) as Record<string, object>;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const tokensFile = path.join(mkdtempSync(path.join(os.tmpdir(), 'serve-')), 'tokens.json');
const writeTokens = (tokens: Record<string, string[]>) =>
  writeFileSync(
    tokensFile,
    JSON.stringify({
      tokens: Object.entries(tokens).map(([name, roles]) => ({
        name,
        sha256: sha256(name),
        roles,
      })),
    }),
  );

async function serve({ withTokens = false, changes = {} } = {}) {
  const made = await recordedIssue(changes);
  const faults: string[] = [];
  const onFault = (reason: string) => void faults.push(reason);
  const app = await createServer({
    ...{ store: made.store, version: '0.0.0', onFault },
    gate: createReleaseGate({ store: made.store, onFault }),
    ...(withTokens && { tokens: createTokens(tokensFile) }),
  });
  apps.push(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const ask = (method: 'GET' | 'POST', url: string, body?: unknown, token?: string) =>
    send(port, {
      ...{ method, url },
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return { ...made, app, ask, faults, port };
}

/** Over a real connection. */
async function send(
  port: number,
  { method = 'GET', url, headers = {}, body }: Sent,
): Promise<{ status: number; headers: IncomingHttpHeaders; json: Record<string, unknown> }> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const sent = request({
    port,
    host: '127.0.0.1',
    method,
    path: url,
    headers: { ...type, ...headers },
  });
  sent.on('error', () => undefined);
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const json = JSON.parse(await text(answer)) as Record<string, unknown>;
  return { status: answer.statusCode ?? 0, headers: answer.headers, json };
}
type Sent = { method?: string; url: string; headers?: Record<string, string>; body?: string };

it('lists, reads and checks issues', async () => {
  const { ask, issue, store } = await serve();
  const { issue_id: id } = issue;
  await store.record({ ...issueDraft(issue), service: 'other' } as never);
  const first = await ask('GET', '/v1/issues?limit=1');
  expect(first.json['issues']).toHaveLength(1);
  const cursor = String(first.json['next_cursor']);
  const second = await ask('GET', `/v1/issues?limit=1&cursor=${cursor}`);
  expect(second.json).toEqual({ issues: [expect.anything()] });
  expect(second.json['issues']).not.toEqual(first.json['issues']);
  expect((await ask('GET', `/v1/issues/${id}`)).json).toEqual(issue);
  const action = { type: 'pause', digest: issue.digest };
  expect((await ask('POST', `/v1/issues/${id}/check`, { action })).json).toEqual({ allowed: true });
  const wrong = await ask('POST', `/v1/issues/${id}/check`, { action: { type: 'pause' } });
  expect([wrong.status, wrong.json]).toEqual([
    200,
    expect.objectContaining({ code: 'WrongDigest', clause: '/digest' }),
  ]);
});
const issueDraft = ({ ...issue }: Record<string, unknown>) => {
  for (const key of ['issue_id', 'revision', 'digest']) delete issue[key];
  return issue;
};

it('takes approvals of the digest alone, one a person', async () => {
  const { ask, issue } = await serve({
    changes: { approvals: { required: 1, reason: 'the policy asks for 1' } },
  });
  const url = `/v1/issues/${issue.issue_id}/approvals`;
  const { digest } = issue;
  const other = await ask('POST', url, { by: 'Dana', digest: `sha256:${'0'.repeat(64)}` });
  expect([other.status, other.json]).toEqual([
    409,
    expect.objectContaining({ code: 'WrongDigest', status: 409 }),
  ]);
  expect(other.headers['content-type']).toMatch('application/problem+json');
  expect(await ask('POST', url, { by: 'Dana', digest })).toMatchObject({ status: 201 });
  expect(await ask('POST', url, { by: 'DANA', digest })).toMatchObject({ status: 200 });
  expect((await ask('GET', url)).json).toMatchObject({
    approvals: [{ by: 'Dana', digest }],
    required: 1,
  });
});

it.each(['confirm-traffic-increase', 'confirm-rollout', 'confirm-promotion', 'rollback'] as const)(
  "answers Flagger's %s: 200 to go on, 409 to hold",
  async (hook) => {
    const { ask, issue, store } = await serve({ changes: { service: 'cart' } });
    const flagger = bodies('flagger');
    const url = `/v1/gates/flagger/${issue.issue_id}`;
    const first = await ask('POST', url, flagger[hook]);
    const second = await ask('POST', url, flagger[hook]);
    const statuses = [first.status, second.status];
    const expected = {
      'confirm-traffic-increase': [200, 409],
      'confirm-rollout': [200, 200],
      'confirm-promotion': [409, 409],
      rollback: [409, 409],
    };
    expect(statuses).toEqual(expected[hook]);
    const begun = hook === 'confirm-traffic-increase' ? 1 : 0;
    expect(await store.gateEvents(issue.issue_id)).toHaveLength(begun);
    const held = await ask('POST', url, flagger['confirm-promotion']);
    const code = begun === 1 ? 'ObservationNotOver' : 'OutOfOrder';
    expect(held.json).toMatchObject({ code, clause: expect.stringMatching(/^\//) as string });
  },
);

it('takes events of Flagger, and an end that Flagger tells as an end', async () => {
  const { ask, issue } = await serve({ changes: { service: 'cart' } });
  const flagger = bodies('flagger');
  const url = `/v1/gates/flagger/${issue.issue_id}`;
  // Before the first batch the phase is still that of the release before.
  for (const event of [flagger['event'], { ...flagger['event'], phase: 'Failed' }])
    expect(await ask('POST', url, event)).toMatchObject({ status: 200 });
  expect(await ask('POST', url, flagger['confirm-traffic-increase'])).toMatchObject({
    status: 200,
  });
  expect(await ask('POST', url, flagger['post-rollout'])).toMatchObject({ status: 200 });
  const after = await ask('POST', url, flagger['confirm-traffic-increase']);
  expect(after.json).toMatchObject({ code: 'Ended' });
});

it('answers no canary of another service, no unknown hook, and no misspelt key of Argo', async () => {
  const { ask, issue, store } = await serve({ changes: { service: 'cart' } });
  const { issue_id: id, digest } = issue;
  const url = `/v1/gates/flagger/${id}`;
  const hook = 'confirm-traffic-increase';
  const body = { name: 'cart', namespace: 'shop', phase: 'Progressing', metadata: { hook } };
  const wrong: [string, object, number, string?][] = [
    [url, { ...body, name: 'payments' }, 409, 'WrongDigest'],
    [url, { ...body, metadata: { hook, service: 'payments' } }, 409, 'WrongDigest'],
    [url, { ...body, metadata: { hook, issue_id: 'cart-v2-r2' } }, 409, 'WrongDigest'],
    [url, { ...body, metadata: { hook, digest: 'sha256:0' } }, 409, 'WrongDigest'],
    [url, { ...body, metadata: { hook: 'rolback' } }, 400],
    [url, { ...body, metadata: { hook: '__proto__' } }, 400],
    [`${url}?hook=constructor`, body, 400],
    [`${url}?hook=${hook}&hook=rollback`, body, 400],
    [`${url}?hook[]=${hook}`, { ...body, metadata: { hook: ['event'] } }, 400],
    [`/v1/gates/argo/${id}`, { metadata: { batchid: '1' } }, 400],
    [`/v1/gates/argo/${id}`, { digest, metdata: { batch_id: '1' } }, 400],
  ];
  for (const [to, sent, status, code] of wrong)
    expect([sent, await ask('POST', to, sent)]).toMatchObject([
      sent,
      { status, json: code ? { code } : {} },
    ]);
  expect(await store.gateEvents(id)).toEqual([]);
  const named = { ...body, name: 'cart-canary', metadata: { hook, service: 'cart', digest } };
  expect(await ask('POST', `${url}?tenant=1%00&__proto__[role]=read`, named)).toMatchObject({
    status: 200,
  });
});

it('holds everything when one byte of the stored issue has changed on the way', async () => {
  const { ask, issue, store, folder } = await serve();
  const { issue_id: id, digest } = issue;
  const gate = `/v1/gates/argo/${id}`;
  expect((await ask('POST', gate, {})).json).toMatchObject({ allowed: true });
  const file = path.join(folder, `${id}.json`);
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, whole.replace(/"observation_time": "(\d)/, '"observation_time": "0$1'));
  const asked: [string, object][] = [
    [gate, { metadata: { batch_id: 1 } }],
    [`/v1/gates/flagger/${id}`, { name: issue.service, namespace: 'shop', phase: 'Progressing' }],
    [`/v1/issues/${id}/approvals`, { by: 'Dana', digest }],
    [`/v1/issues/${id}/check`, { action: { type: 'pause', digest } }],
  ];
  for (const [url, body] of asked)
    expect([url, await ask('POST', url, body)]).toMatchObject([
      url,
      { status: 409, json: { title: 'Not a valid issue' } },
    ]);
  writeFileSync(file, whole);
  expect((await ask('POST', gate, { metadata: { batch_id: 1 } })).json).toMatchObject({
    allowed: true,
  });
  expect(await store.gateEvents(id)).toHaveLength(1);
});

it("answers Argo's web metric", async () => {
  const { ask, issue } = await serve();
  const argo = bodies('argo');
  const url = `/v1/gates/argo/${issue.issue_id}`;
  for (const body of ['unnamed', 'batch 1', 'batch 1'])
    expect((await ask('POST', url, argo[body])).json).toMatchObject({ allowed: true });
  const second = await ask('POST', url, argo['batch 2']);
  expect(second).toMatchObject({
    status: 200,
    json: { allowed: false, code: 'ObservationNotOver', reason: expect.any(String) as string },
  });
  const other = await ask('POST', url, { digest: 'sha256:0', ...argo['batch 1'] });
  expect(other.json).toMatchObject({ allowed: false, code: 'WrongDigest' });
});

const outcomeOf = ({ issue_id, digest }: { issue_id: string; digest: string }) => ({
  ...{ issue_id, digest, result: 'completed', risks: [], rules: [], actions: [] },
  ...{ started_at: '2026-11-27T10:00:00Z', ended_at: '2026-11-27T12:00:00Z', batches: [] },
});

it('keeps one outcome of a release, and lets no gate begin it again', async () => {
  const { ask, issue } = await serve();
  const url = `/v1/issues/${issue.issue_id}/outcome`;
  expect(await ask('GET', url)).toMatchObject({ status: 404 });
  const outcome = outcomeOf(issue);
  const wrong: [object, number, string?][] = [
    [{ ...outcome, digest: `sha256:${'0'.repeat(64)}` }, 409, 'WrongDigest'],
    [{ ...outcome, issue_id: 'other-r1' }, 409, 'WrongDigest'],
    [{ ...outcome, result: 'fine' }, 400],
    [{ ...outcome, more: 1 }, 400],
  ];
  for (const [body, status, code] of wrong)
    expect(await ask('POST', url, body)).toMatchObject({ status, json: code ? { code } : {} });
  expect(await ask('POST', url, outcome)).toMatchObject({ status: 201 });
  expect(await ask('POST', url, outcome)).toMatchObject({ status: 200 });
  expect(await ask('POST', url, { ...outcome, result: 'aborted' })).toMatchObject({
    ...{ status: 200, json: outcome },
  });
  expect((await ask('GET', url)).json).toEqual(outcome);
  const gate = await ask('POST', `/v1/gates/argo/${issue.issue_id}`, {});
  expect(gate.json).toMatchObject({ allowed: false, code: 'Ended' });
});

it('asks for the role of each path, and reads the tokens anew when they change', async () => {
  writeTokens({ reader: ['read'], approver: ['approve'], deployer: ['execute'] });
  const { ask, issue, faults, port } = await serve({ withTokens: true });
  const id = issue.issue_id;
  const { digest } = issue;
  const paths: [Role, 'GET' | 'POST', string, unknown][] = [
    ['read', 'GET', '/v1/issues', undefined],
    ['read', 'POST', `/v1/issues/${id}/check`, { action: {} }],
    ['approve', 'POST', `/v1/issues/${id}/approvals`, { by: 'D', digest }],
    ['execute', 'POST', `/v1/gates/argo/${id}`, {}],
    ['execute', 'POST', `/v1/issues/${id}/outcome`, outcomeOf(issue)],
    ['read', 'GET', `/v1/issues/${id}/outcome`, undefined],
  ];
  const tokenOf = { read: 'reader', approve: 'approver', execute: 'deployer', prepare: '' };
  for (const [role, method, url, body] of paths) {
    expect((await ask(method, url, body)).status).toBe(401);
    expect((await ask(method, url, body, 'guess')).status).toBe(401);
    const wrong = role === 'read' ? 'deployer' : 'reader';
    expect((await ask(method, url, body, wrong)).status).toBe(403);
    expect((await ask(method, url, body, tokenOf[role])).status).toBeLessThan(300);
  }
  for (const open of ['/livez', '/openapi.json']) expect((await ask('GET', open)).status).toBe(200);
  // Flagger puts the token into the URL, which arrives as Basic.
  const basic = `Basic ${Buffer.from('flagger:reader').toString('base64')}`;
  const headers = { authorization: basic };
  expect((await send(port, { url: '/v1/issues', headers })).status).toBe(200);

  writeTokens({ other: ['read'] });
  expect((await ask('GET', '/v1/issues', undefined, 'reader')).status).toBe(401);
  expect((await ask('GET', '/v1/issues', undefined, 'other')).status).toBe(200);
  // A broken file, or one with an unknown role, lets nobody in until it is mended.
  for (const broken of ['{"tokens": [', JSON.stringify({ tokens: [] })]) {
    writeFileSync(tokensFile, broken);
    expect((await ask('GET', '/v1/issues', undefined, 'other')).status).toBe(503);
  }
  writeTokens({ other: ['admin'] });
  expect((await ask('GET', '/v1/issues', undefined, 'other')).status).toBe(503);
  expect(faults.join('\n')).toMatch(/SERVE_TOKENS_FILE/);
  writeTokens({ other: ['read'] });
  expect((await ask('GET', '/v1/issues', undefined, 'other')).status).toBe(200);
});

it('takes a token until it expires', async () => {
  const token = (name: string, at: number) => ({
    ...{ name, sha256: sha256(name), roles: ['read'] },
    expires_at: new Date(at).toISOString(),
  });
  const { ask } = await serve({ withTokens: true });
  const tokens = [token('fresh', Date.now() + 60_000), token('old', Date.now() - 1)];
  writeFileSync(tokensFile, JSON.stringify({ tokens }));
  expect((await ask('GET', '/v1/issues', undefined, 'fresh')).status).toBe(200);
  expect((await ask('GET', '/v1/issues', undefined, 'old')).status).toBe(401);
  // A time that cannot be read is no token for ever.
  const wrong = { ...token('fresh', 0), expires_at: 'never' };
  writeFileSync(tokensFile, JSON.stringify({ tokens: [wrong] }));
  expect((await ask('GET', '/v1/issues', undefined, 'fresh')).status).toBe(503);
});

it('without tokens answers names of this machine alone, and no page of a browser', async () => {
  const { port } = await serve();
  const foreign: Record<string, string>[] = [
    { host: 'evil.example' },
    { host: '127.0.0.1.evil.example' },
    { host: 'localhost:8088', origin: 'http://evil.example' },
  ];
  for (const headers of foreign)
    expect((await send(port, { url: '/v1/issues', headers })).status).toBe(403);
});

it.each([
  ['no such issue', 'GET', '/v1/issues/none-r1', undefined, 404],
  ['a path for an id', 'GET', '/v1/issues/..%2f..%2fetc%2fpasswd', undefined, 404],
  ['another path', 'GET', '/v2', undefined, 404],
  ['no JSON', 'POST', '/v1/gates/argo/x', '{', 400],
  ['a body of another shape', 'POST', '/v1/gates/flagger/x', { phase: 1 }, 400],
  ['an unknown key', 'POST', '/v1/issues/x/check', { action: 1, now: 'later' }, 400],
  ['a deep body', 'POST', '/v1/gates/argo/x', `${'['.repeat(100)}${']'.repeat(100)}`, 400],
  ['over 1 MB', 'POST', '/v1/gates/argo/x', JSON.stringify('x'.repeat(2 ** 20)), 413],
  ['an unknown limit', 'GET', '/v1/issues?limit=1000000', undefined, 400],
] as const)('answers a problem to %s', async (_what, method, url, body, status) => {
  const { ask, faults } = await serve();
  const answer = await ask(method, url, body);
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toMatch('application/problem+json');
  expect(answer.json).toMatchObject({ status, title: expect.any(String) as string });
  expect(faults).toEqual([]);
});

it('publishes OpenAPI 3.1 of its paths', async () => {
  const { ask } = await serve();
  const { json } = await ask('GET', '/openapi.json');
  expect(json['openapi']).toBe('3.1.0');
  expect(Object.keys(json['paths'] as object).sort()).toEqual([
    ...['/v1/gates/argo/{id}', '/v1/gates/flagger/{id}', '/v1/issues', '/v1/issues/{id}'],
    ...['/v1/issues/{id}/approvals', '/v1/issues/{id}/check', '/v1/issues/{id}/outcome'],
  ]);
});

it('ends with requests of strangers half sent', async () => {
  const { app, port } = await serve();
  const slow = net.connect(port, '127.0.0.1');
  slow.on('error', () => undefined);
  await new Promise((resolve) => slow.once('connect', resolve));
  slow.write(
    'POST /v1/gates/argo/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  );
  const started = Date.now();
  await app.close();
  expect(Date.now() - started).toBeLessThan(3_000);
  slow.destroy();
});
