import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import type { Outcome } from '../../../src/domain/records/outcome';

const outcome: Outcome = {
  ...{ issue_id: 'cart-v2-abc-r1', digest: 'sha256:1', result: 'completed' },
  ...{ started_at: '2026-11-30T10:00:00Z', ended_at: '2026-11-30T11:00:00Z' },
  ...{ batches: [], rules: [], risks: [], actions: [] },
};
const storeIn = (folder: string) => createIssueStore({ url: `file:${folder}`, index: '' });
const newFolder = () => mkdtempSync(path.join(os.tmpdir(), 'outcomes-'));

it('keeps the outcome with its issue; the first one stays', async () => {
  const store = storeIn(newFolder());
  expect(await store.outcome(outcome.issue_id)).toBeNull();
  await store.recordOutcome(outcome);
  await store.recordOutcome({ ...outcome, result: 'aborted' });
  expect(await store.outcome(outcome.issue_id)).toEqual(outcome);
  // It is no issue: a list of issues does not hold it.
  expect(await store.list({})).toEqual([]);
});

it('refuses what is no outcome', async () => {
  const store = storeIn(newFolder());
  const bad = { ...outcome, result: 'fine' } as unknown as Outcome;
  await expect(store.recordOutcome(bad)).rejects.toMatchObject({ permanent: true });
  expect(await store.outcome(outcome.issue_id)).toBeNull();
});

it('takes an outcome that cannot be read for a fault, not for a release that never ended', async () => {
  const folder = newFolder();
  const store = storeIn(folder);
  await store.recordOutcome(outcome);
  const records = path.join(folder, 'records', `${outcome.issue_id}.outcome`);
  const [file = ''] = readdirSync(records);
  for (const text of ['{"half', JSON.stringify({ ...outcome, issue_id: 'other-r1' })]) {
    writeFileSync(path.join(records, file), text);
    await expect(store.outcome(outcome.issue_id)).rejects.toMatchObject({ permanent: true });
  }
});
