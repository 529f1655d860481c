import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
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
    (text) => text.includes('Listening on'),
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
