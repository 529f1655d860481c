import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import {
  digestOf,
  issueFamily,
  oldIssueFamily,
  sealIssue,
} from '../../../src/adapters/issue-store/seal';
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

it('names each service that has issues once, from the starts of the files', async () => {
  const { folder, store } = await newStore();
  expect(await store.services()).toEqual([]);
  const names = ['cart', 'c\u0430rt', 'a "quoted" name'];
  for (const service of names) await store.record({ ...run(1), service });
  await store.record({ ...run(2), service: 'cart' });
  await writeFile(path.join(folder, 'foreign-r1.json'), '{}');
  await writeFile(path.join(folder, 'cut-r1.json'), '{\n  "service": "cut');
  await writeFile(path.join(folder, 'bad-r1.json'), '{\n  "service": "a" x",\n');
  await symlink('/etc/hosts', path.join(folder, 'link-r1.json'));
  execFileSync('mkfifo', [path.join(folder, 'pipe-r1.json')]);
  expect((await store.services()).sort()).toEqual([...names].sort());
});

it('has a digest that does not depend on the order of keys', async () => {
  const { store } = await newStore();
  const issue = await store.record(run(1));
  const reversed = Object.fromEntries(Object.entries(issue).reverse()) as typeof issue;
  expect(digestOf(reversed)).toBe(issue.digest);
  expect(digestOf({ ...issue, revision: 2 })).not.toBe(issue.digest);
});

describe('a folder that others write into', () => {
  it('takes another document under the name of the run for another revision', async () => {
    const { folder, store } = await newStore();
    const placed = sealIssue({ ...run(1), title: 'one batch, no risks' }, 1);
    await writeFile(path.join(folder, `${placed.issue_id}.json`), JSON.stringify(placed));
    const recorded = await store.record(run(1));
    expect(recorded).toMatchObject({ revision: 2, title: draft.title });
    expect(await store.record(run(1))).toEqual(recorded);
  });

  it('compares a document under the name of the run with the draft of its own time', async () => {
    const { folder, store } = await newStore();
    const draftAt = (at: Date) => ({
      ...run(1),
      created_at: at.toISOString(),
      title: `as of ${at.toISOString()}`,
    });
    const [before, after] = [new Date('2026-11-29T10:00:00Z'), new Date('2026-11-29T10:05:00Z')];
    const first = await store.record(draftAt(before), draftAt);
    expect(await store.record(draftAt(after), draftAt)).toEqual(first);

    // Only its expiry was changed, and sealed anew.
    const placed = sealIssue({ ...draftAt(before), expires_at: '2036-11-29T10:00:00Z' }, 1);
    await writeFile(path.join(folder, `${placed.issue_id}.json`), JSON.stringify(placed));
    expect((await store.record(draftAt(after), draftAt)).revision).toBe(2);
  });

  it('records beside what is no issue, and refuses to show it', async () => {
    const { folder, store } = await newStore();
    await writeFile(path.join(folder, `${issueFamily(draft)}-r1.json`), '{}');
    expect((await store.record(run(1))).revision).toBe(2);
    expect((await store.latest(draft.service, draft.candidate))?.revision).toBe(2);
    await expect(store.get(`${issueFamily(draft)}-r1`)).rejects.toThrow('not a valid issue');
  });

  it('lists the issues between files, pipes, links and folders of others, and names those', async () => {
    const { folder, store } = await newStore();
    const { issue_id: id } = await store.record(run(1));
    await writeFile(path.join(folder, 'foreign-r1.json'), '{}');
    await writeFile(path.join(folder, 'cut-r1.json'), '{"issue');
    await symlink('/etc/hosts', path.join(folder, 'link-r1.json'));
    await mkdir(path.join(folder, 'folder-r1.json'));
    execFileSync('mkfifo', [path.join(folder, 'pipe-r1.json')]);
    const left: string[] = [];
    const listed = await store.list({ limit: 10, onForeign: (reason) => void left.push(reason) });
    expect(listed.map(({ issue_id }) => issue_id)).toEqual([id]);
    expect(left).toHaveLength(5);
    await expect(store.get('pipe-r1')).rejects.toThrow('not a regular file');
    await expect(store.get('link-r1')).rejects.toMatchObject({ permanent: true });
  });

  it('is readable by its owner alone', async () => {
    const { folder } = await newStore();
    const own = path.join(folder, 'issues');
    const { issue_id: id } = await createIssueStore({ url: `file:${own}`, index: 'x' }).record(
      run(1),
    );
    expect((await stat(own)).mode & 0o777).toBe(0o700);
    expect((await stat(path.join(own, `${id}.json`))).mode & 0o777).toBe(0o600);
  });
});

describe('ids', () => {
  it('have 128 bits of the service and version', () => {
    expect(issueFamily(draft)).toMatch(/-[0-9a-f]{32}$/);
  });

  it('of before 0.2.0 stay readable, and new revisions follow them', async () => {
    const { folder, store } = await newStore();
    const content = {
      ...sealIssue(run(1), 1),
      issue_id: `${oldIssueFamily(draft)}-r1`,
    };
    const old = { ...content, digest: digestOf(content) };
    await writeFile(path.join(folder, `${old.issue_id}.json`), JSON.stringify(old));
    expect(await store.latest(draft.service, draft.candidate)).toEqual(old);
    expect(await store.record(run(1))).toEqual(old);
    expect(await store.record(run(2))).toMatchObject({
      revision: 2,
      issue_id: `${issueFamily(draft)}-r2`,
    });
  });

  it('of another service and version do not answer for it', async () => {
    const { folder, store } = await newStore();
    const content = { ...sealIssue(run(1), 1), service: 'another' };
    const other = { ...content, digest: digestOf(content) };
    await writeFile(path.join(folder, `${other.issue_id}.json`), JSON.stringify(other));
    await expect(store.get(other.issue_id)).rejects.toThrow('is not that of another');
    await expect(store.latest(draft.service, draft.candidate)).rejects.toThrow('not a valid issue');
  });
});

it.each(['', '/issues'])(
  'fails at once where no folder can be made: ISSUE_STORE_URL=file:A_FILE%s',
  async (below) => {
    const { folder } = await newStore();
    const file = path.join(folder, 'a-file');
    await writeFile(file, 'text');
    const store = createIssueStore({ url: `file:${file}${below}`, index: 'unused' });
    const fault = { name: 'UpstreamError', permanent: true };
    await expect(store.record(run(1))).rejects.toMatchObject(fault);
    await expect(store.list({ limit: 1 })).rejects.toMatchObject(fault);
  },
  20_000,
);
