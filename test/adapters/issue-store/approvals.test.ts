import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';

const ID = 'cart-v2-0123456789abcdef0123456789abcdef-r1';
const digest = `sha256:${'a'.repeat(64)}`;
const at = '2026-11-30T09:00:00.000Z';
const newStore = async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'approvals-'));
  const records = path.join(folder, 'records', `${ID}.approval`);
  return { folder, records, store: createIssueStore({ url: `file:${folder}`, index: 'x' }) };
};

it('keeps one approval of a person, in whatever spelling and however many at once', async () => {
  const { folder, records, store } = await newStore();
  const names = ['Dana', 'dana', ' DANA ', 'Ｄana'];
  const recorded = await Promise.all(
    names.map((by) => store.recordApproval(ID, { by, digest, at })),
  );
  expect(recorded.filter(Boolean)).toHaveLength(1);
  expect(await store.approvals(ID)).toEqual([
    { issue_id: ID, by: expect.stringMatching(/^[DＤ]ana$|^dana$|^DANA$/) as string, digest, at },
  ]);
  expect(await readdir(records)).toHaveLength(1);
  // Approvals are no issues.
  expect(await store.list({ onForeign: (reason) => expect(reason).toBe('') })).toEqual([]);
  expect(await readdir(folder)).toEqual(['records']);
});

it('lists approvals by time, and those of its own issue only', async () => {
  const { store } = await newStore();
  await store.recordApproval(ID, { by: 'Bob', digest, at, reason: 'reviewed' });
  await store.recordApproval(ID, { by: 'Ana', digest, at: '2026-11-30T08:00:00Z' });
  await store.recordApproval(ID.replace('r1', 'r2'), { by: 'Eve', digest, at });
  expect((await store.approvals(ID)).map(({ by }) => by)).toEqual(['Ana', 'Bob']);
});

it.each([
  { by: '', digest, at },
  { by: 'a'.repeat(129), digest, at },
  { by: 'Da\u202ena', digest, at },
  { by: 'Dana', digest, at: 'noon' },
  { by: 'Dana', digest, at, reason: 'x'.repeat(1001) },
])('refuses what is no approval: %j', async (approval) => {
  const { store } = await newStore();
  await expect(store.recordApproval(ID, approval)).rejects.toThrow('no approval');
  expect(await store.approvals(ID)).toEqual([]);
});

it('refuses ids that are paths', async () => {
  const { store } = await newStore();
  await expect(store.recordApproval('../../x', { by: 'D', digest, at })).rejects.toThrow(
    'no issue id',
  );
  await expect(store.approvals('../../x')).rejects.toThrow('no issue id');
});

it('reports damaged and foreign entries and leaves them out', async () => {
  const { records, store } = await newStore();
  await store.recordApproval(ID, { by: 'Dana', digest, at });
  const [name = ''] = await readdir(records);
  const text = await readFile(path.join(records, name), 'utf8');
  const put = (key: string, content: string) => writeFile(path.join(records, key), content);
  // A copy under another name would count Dana twice.
  await put(`${'0'.repeat(32)}.json`, text);
  await put('1.json', text.slice(0, 20));
  await put('2.json', text.replace(ID, ID.replace('r1', 'r2')));
  await put('3.json', '{"by":"Eve"}');
  await put('4.json', text.replace('"Dana"', '"Eve"'));
  await symlink('/etc/passwd', path.join(records, '5.json'));
  await mkdir(path.join(records, '6.json'));
  await put('notes.txt', 'hello');
  const faults: string[] = [];
  const found = await store.approvals(ID, (reason) => faults.push(reason));
  expect(found.map(({ by }) => by)).toEqual(['Dana']);
  expect(faults).toHaveLength(7);
  expect(faults.join('\n')).toMatch(/approval 1: cannot be read/);
  expect(faults.join('\n')).toMatch(/approval 4: is not stored under the name of Eve/);
});

it('takes at most 50', async () => {
  const { store } = await newStore();
  for (let person = 0; person < 50; person += 1)
    expect(await store.recordApproval(ID, { by: `p${person}`, digest, at })).toBe(true);
  await expect(store.recordApproval(ID, { by: 'one more', digest, at })).rejects.toThrow('50');
  expect(await store.recordApproval(ID, { by: 'P7', digest, at })).toBe(false);
  expect(await store.approvals(ID)).toHaveLength(50);
});
