import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import { digestOf } from '../../../src/adapters/issue-store/seal';
import { draft } from '../../fixtures/outcomes';

const newStore = async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'issues-'));
  return { folder, store: createIssueStore({ url: `file:${folder}`, index: 'unused' }) };
};
const run = (id: number) => ({ ...draft, workflow: { ...draft.workflow, run_id: `run-${id}` } });

it('records once a preparation, however often it is asked', async () => {
  const { folder, store } = await newStore();
  const issues = await Promise.all(Array.from({ length: 10 }, () => store.record(run(1))));
  expect(new Set(issues.map(({ digest }) => digest)).size).toBe(1);
  expect(await readdir(folder)).toEqual([`${issues[0]?.issue_id}.json`]);
});

it('clears away what a killed process began to write, and nothing of one that still writes', async () => {
  const { folder, store } = await newStore();
  const [killed, writing] = [`.a-r1.json.${randomUUID()}`, `.b-r1.json.${randomUUID()}`];
  const somebodys = '.profile.old';
  for (const name of [killed, writing, somebodys]) await writeFile(path.join(folder, name), '{"is');
  for (const name of [killed, somebodys]) await utimes(path.join(folder, name), 0, 0);
  const { issue_id: id } = await store.record(run(1));
  expect((await readdir(folder)).sort()).toEqual([writing, somebodys, `${id}.json`].sort());
});

it('gives 20 preparations at once the revisions 1 to 20', async () => {
  const { store } = await newStore();
  const issues = await Promise.all(Array.from({ length: 20 }, (_, i) => store.record(run(i))));
  expect(issues.map(({ revision }) => revision).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  expect((await store.latest(draft.service, draft.candidate))?.revision).toBe(20);
  expect(await store.list({ service: draft.service, limit: 5 })).toHaveLength(5);
});

it('answers nothing for what is not there, and refuses ids that are paths', async () => {
  const { store } = await newStore();
  expect(await store.get('user-service-v1-0-0-00000000-r1')).toBeNull();
  expect(await store.latest('user-service', 'v9')).toBeNull();
  expect(await store.list({})).toEqual([]);
  await expect(store.get('../../etc/passwd')).rejects.toThrow('no issue id');
});

it('notices an issue that somebody changed', async () => {
  const { folder, store } = await newStore();
  const issue = await store.record(run(1));
  const file = path.join(folder, `${issue.issue_id}.json`);
  await writeFile(file, (await readFile(file, 'utf8')).replace('"600s"', '"1s"'));
  await expect(store.get(issue.issue_id)).rejects.toThrow('digest');
});

it('lists one service without reading the issues of others', async () => {
  const { folder, store } = await newStore();
  const { issue_id: own } = await store.record(run(1));
  await store.record({ ...run(2), service: `${draft.service}-two` });
  await writeFile(path.join(folder, 'another-service-v1-0-0-00000000-r1.json'), 'broken');
  const listed = await store.list({ service: draft.service });
  expect(listed.map(({ issue_id: id }) => id)).toEqual([own]);
});

it('has a digest that does not depend on the order of keys', async () => {
  const { store } = await newStore();
  const issue = await store.record(run(1));
  const reversed = Object.fromEntries(Object.entries(issue).reverse()) as typeof issue;
  expect(digestOf(reversed)).toBe(issue.digest);
  expect(digestOf({ ...issue, revision: 2 })).not.toBe(issue.digest);
});
