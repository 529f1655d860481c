import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Issue } from '../../../src/domain/issue';
import { freePort } from '../../../src/embedded/server-process';
import { startCommand } from '../../fixtures/processes/command-line';
import { recordedIssue } from '../../fixtures/gates/recorded-issue';
import { waitUntil } from '../../fixtures/wait';

jest.setTimeout(120_000);

type Answer = { allowed: boolean; code?: string };

/** `release-prep serve` as a process of its own, until it listens. */
async function startServe(env: Record<string, string>) {
  const server = startCommand(['serve'], env);
  await waitUntil(
    () => Promise.resolve(server.texts.stderr),
    (output) => output.includes('Listening on'),
  );
  return server;
}

it('begins one batch for calls that are killed half-way, and goes on where it was', async () => {
  const { folder, issue, store } = await recordedIssue();
  const token: string = randomUUID();
  const tokens = path.join(mkdtempSync(path.join(os.tmpdir(), 'tokens-')), 'tokens.json');
  const sha256 = createHash('sha256').update(token).digest('hex');
  writeFileSync(tokens, JSON.stringify({ tokens: [{ name: 'argo', sha256, roles: ['execute'] }] }));
  const port = await freePort();
  const env = {
    ISSUE_STORE_URL: `file:${folder}`,
    SERVE_ADDRESS: `127.0.0.1:${port}`,
    SERVE_TOKENS_FILE: tokens,
  };
  const ask = async (bearer = token): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/v1/gates/argo/${issue.issue_id}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify({ digest: issue.digest }),
    });

  const first = await startServe(env);
  expect(first.texts.stderr).toContain('PROMETHEUS_URL is not set');
  expect((await ask('wrong')).status).toBe(401);
  const calls = Array.from({ length: 20 }, () => ask().catch(() => undefined));
  // As soon as one answer is there the others are in the middle of theirs.
  await Promise.race(calls);
  first.child.kill('SIGKILL');
  await Promise.all(calls);
  await first.ended;

  const second = await startServe(env);
  const later = (await (await ask()).json()) as Answer;
  expect(later).toMatchObject({ allowed: false, code: 'ObservationNotOver' });
  expect((await store.gateEvents(issue.issue_id)).map((event) => (event as Event).type)).toEqual([
    'deploy',
  ]);
  second.child.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
});

/** Answers each rule of the issue with a value that is calm or broken; or not at all, and says that it was asked. */
async function startPrometheus(issue: Issue) {
  const levels = new Map<string, { op: string; limit: number }>();
  for (const { rules } of issue.steps[1].details.metrics)
    for (const { expr, op, threshold, relative } of rules) {
      levels.set(expr, { op, limit: threshold });
      for (const batch of relative?.batches ?? [])
        levels.set(batch.expr, { op: relative?.op ?? '', limit: relative?.ratio ?? 0 });
    }
  const waiting: (() => void)[] = [];
  const answerAll = () => waiting.splice(0).forEach((answer) => answer());
  const server = { mode: 'silent' as 'silent' | 'calm' | 'broken', asked: 0, answerAll };
  const http = createServer((request, response) => {
    server.asked += 1;
    void text(request).then(async (body) => {
      if (server.mode === 'silent') await new Promise<void>((resolve) => waiting.push(resolve));
      const { searchParams } = new URL(request.url ?? '', 'http://x');
      const asked = new Map([...searchParams, ...new URLSearchParams(body)]);
      const { op = '>', limit = 0 } = levels.get(asked.get('query') ?? '') ?? {};
      const isUp = op.startsWith('>') === (server.mode === 'broken');
      const value = String(limit + (isUp ? 1e9 : -1e9));
      const values: [number, string][] = [];
      for (let at = Number(asked.get('start')); at <= Number(asked.get('end'));) {
        values.push([at, value]);
        at += Number.parseFloat(asked.get('step') ?? '');
      }
      response.setHeader('content-type', 'application/json');
      const data = { resultType: 'matrix', result: [{ metric: {}, values }] };
      response.end(JSON.stringify({ status: 'success', data }));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { server, http, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

it('judges anew what a kill cut off, and of two servers on one store one begins the batch', async () => {
  const { folder, issue, store } = await recordedIssue();
  const { server, http, url } = await startPrometheus(issue);
  const [first] = issue.steps[2].details.gray_strategy.batches;
  const deployed = new Date(Date.now() - 4 * 3_600_000).toISOString();
  const { issue_id: id, digest } = issue;
  const host_ids = first?.hosts.map(({ host_id: host }) => host);
  await store.appendGateEvent(id, 0, {
    ...{ type: 'deploy', at: deployed, digest, batch_id: 1, host_ids, version: issue.candidate },
  });
  const begin = async () => {
    const port = await freePort();
    const env = { ISSUE_STORE_URL: `file:${folder}`, PROMETHEUS_URL: url };
    const running = await startServe({ ...env, SERVE_ADDRESS: `127.0.0.1:${port}` });
    const ask = async (signal?: AbortSignal, batch = 2): Promise<Answer> => {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/gates/argo/${id}`, {
        ...(signal && { signal }),
        ...{ method: 'POST', body: JSON.stringify({ metadata: { batch_id: batch } }) },
        headers: { 'content-type': 'application/json' },
      });
      return (await answer.json()) as Answer;
    };
    return { ...running, ask };
  };
  const [killed, one, other] = await Promise.all([begin(), begin(), begin()]);
  const cut = killed.ask().catch(() => 'cut off');
  await waitUntil(
    () => Promise.resolve(server.asked),
    (count) => count > 0,
  );
  killed.child.kill('SIGKILL');
  expect(await cut).toBe('cut off');

  // Who did not wait for the answer goes nowhere by it: nothing begins, though Prometheus answers afterwards.
  const before = server.asked;
  const waiting = new AbortController();
  const left = one.ask(waiting.signal).catch(() => 'left');
  await waitUntil(
    () => Promise.resolve(server.asked),
    (count) => count > before,
  );
  waiting.abort();
  expect(await left).toBe('left');
  server.mode = 'calm';
  server.answerAll();
  // Calls are answered one after the other: this one is behind that one.
  expect(await one.ask(undefined, 1)).toMatchObject({ allowed: true });
  expect(await store.gateEvents(id)).toHaveLength(1);

  server.mode = 'broken';
  expect(await one.ask()).toMatchObject({ allowed: false, code: 'Breached' });
  expect(await store.gateEvents(id)).toHaveLength(1);
  server.mode = 'calm';
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? one : other).ask()),
  );
  // Who asks for the batch that has begun meanwhile is answered again.
  expect(answers.every((answer) => answer.allowed || answer.code === 'ObservationNotOver')).toBe(
    true,
  );
  const events = (await store.gateEvents(id)) as (Event & { batch_id: number })[];
  expect(events.map(({ type, batch_id: batch }) => [type, batch])).toEqual([
    ['deploy', 1],
    ['promote', 1],
    ['deploy', 2],
  ]);
  for (const { child } of [one, other]) child.kill('SIGTERM');
  for (const { ended } of [one, other]) expect((await ended).code).toBe(0);
  http.closeAllConnections();
  http.close();
});

it.each([
  ['an address for others without tokens', { SERVE_ADDRESS: '0.0.0.0:0' }, 'SERVE_TOKENS_FILE'],
  ['a tokens file that is not there', { SERVE_TOKENS_FILE: '/nowhere/tokens.json' }, 'nowhere'],
])('does not start with %s', async (_name, env, message) => {
  const { code, stderr } = await startCommand(['serve'], {
    ISSUE_STORE_URL: 'file:/tmp/none',
    ...env,
  }).ended;
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
