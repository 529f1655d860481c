import type { AddressInfo } from 'node:net';
import { createReleaseGate } from '../../src/gates/release-gate';
import { createServer } from '../../src/serve/server';
import { recordedIssue } from '../fixtures/gates/recorded-issue';

let close: () => Promise<void>;
afterEach(() => close());

async function served() {
  const { store, issue } = await recordedIssue();
  const onFault = () => undefined;
  const gate = createReleaseGate({ store, onFault });
  const app = await createServer({ store, version: '0.0.0', onFault, gate });
  close = () => app.close();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/v1/issues/${issue.issue_id}/outcome`;
  const post = async (body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return [answer.status, await answer.json()] as const;
  };
  const outcome = {
    ...{ issue_id: issue.issue_id, digest: issue.digest, result: 'completed' },
    ...{ started_at: '2026-11-30T10:00:00Z', ended_at: '2026-11-30T10:10:00Z' },
    ...{ batches: [], rules: [], risks: [], actions: [] },
  };
  return { url, post, outcome, store };
}

it('records the outcome of an own executor once, and gives it back', async () => {
  const { url, post, outcome, store } = await served();
  expect((await fetch(url)).status).toBe(404);
  expect(await post(outcome)).toEqual([201, outcome]);
  expect(await post({ ...outcome, result: 'aborted' })).toEqual([200, outcome]);
  expect(await (await fetch(url)).json()).toEqual(outcome);
  expect(await store.outcome(outcome.issue_id)).toEqual(outcome);
});

it('refuses the outcome of another issue, and one that is malformed', async () => {
  const { post, outcome, store } = await served();
  const other = await post({ ...outcome, digest: `sha256:${'0'.repeat(64)}` });
  expect(other).toEqual([409, expect.objectContaining({ code: 'WrongDigest' })]);
  const [status] = await post({ ...outcome, result: 'fine' });
  expect(status).toBe(400);
  expect(await store.outcome(outcome.issue_id)).toBeNull();
});
