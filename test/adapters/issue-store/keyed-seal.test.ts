import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import canonicalize from 'canonicalize';
import { parseNamedKeys } from '../../../src/adapters/named-key';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import { SealError, type Sealing } from '../../../src/adapters/issue-store/keyed-seal';
import { sealIssue } from '../../../src/adapters/issue-store/seal';
import { openIssue } from '../../../src/activities/execute/open-issue';
import { toFailure } from '../../../src/activities/runtime/typed-failures';
import { draft } from '../../fixtures/outcomes';
import { serveText, type TextServer } from '../../fixtures/text-server';

const [OLD, NEW, STRANGER] = ['old', 'new', 'stranger'].map((id) => {
  const bytes = randomBytes(32);
  const [key] = parseNamedKeys(`${id}:${bytes.toString('base64')}`).keys;
  if (key === undefined) throw new Error(id);
  return { ...key, bytes };
}) as [Key, Key, Key];
type Key = Sealing['keys'][number] & { bytes: Buffer };

const sealing = (...keys: Key[]): Sealing => ({ keys, acceptUnsealed: false });
const lenient = (...keys: Key[]): Sealing => ({ keys, acceptUnsealed: true });

const newFolder = () => mkdtemp(path.join(os.tmpdir(), 'sealed-'));
const storeIn = (folder: string, by?: Sealing) =>
  createIssueStore({ url: `file:${folder}`, index: 'unused', sealing: by });
const fileOf = (folder: string, id: string) => path.join(folder, `${id}.json`);
const sealOf = (folder: string, digest: string) =>
  path.join(folder, 'seals', `${digest.slice(7)}.json`);
const refusal = async (promise: Promise<unknown>): Promise<SealError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SealError);
  return error as SealError;
};

describe('an issue in a folder', () => {
  it('has a seal beside it that others can compute: HMAC-SHA256 over what the digest covers', async () => {
    const folder = await newFolder();
    const issue = await storeIn(folder, sealing(NEW, OLD)).record(draft);
    const stored = JSON.parse(await readFile(fileOf(folder, issue.issue_id), 'utf8'));
    expect(stored).toEqual(issue);
    const { digest, ...content } = stored;
    const hmac = createHmac('sha256', NEW.bytes).update(canonicalize(content) ?? '');
    const file = sealOf(folder, digest);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      key_id: 'new',
      hmac: hmac.digest('hex'),
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  });

  it('is read with any of the keys, and without keys as ever', async () => {
    const folder = await newFolder();
    const issue = await storeIn(folder, sealing(OLD)).record(draft);
    for (const by of [sealing(OLD), sealing(NEW, OLD), undefined])
      expect(await storeIn(folder, by).get(issue.issue_id)).toEqual(issue);
    expect(await storeIn(folder, sealing(NEW, OLD)).list({})).toHaveLength(1);
  });

  it('is refused without a seal, and the message says what, where and what to do', async () => {
    const folder = await newFolder();
    const issue = await storeIn(folder).record(draft);
    const store = storeIn(folder, sealing(NEW));
    const { message } = await refusal(store.get(issue.issue_id));
    expect(message).toContain(`${issue.issue_id} in ${folder} has no seal`);
    expect(message).toContain('read it with ISSUE_UNSEALED=accept; else prepare');
    await refusal(store.latest(draft.service, draft.candidate));
    const left: string[] = [];
    expect(await store.list({ onForeign: (reason) => void left.push(reason) })).toEqual([]);
    expect(left).toEqual([expect.stringContaining('has no seal')]);
    expect(toFailure(await refusal(store.get(issue.issue_id)))).toMatchObject({
      type: 'IssueSealInvalid',
      nonRetryable: true,
    });
  });

  it('is read without a seal where that is accepted, and this is said', async () => {
    const folder = await newFolder();
    const issue = await storeIn(folder).record(draft);
    const said: string[] = [];
    const store = storeIn(folder, { ...lenient(NEW), onUnsealed: (text) => void said.push(text) });
    expect(await store.get(issue.issue_id)).toEqual(issue);
    expect(said).toEqual([expect.stringMatching(/has no seal; it was read because/)]);
    expect(await store.list({})).toHaveLength(1);
    expect(said).toHaveLength(1);
  });

  it.each([
    ['changed, with a new digest', sealing(NEW)],
    ['changed, where issues without a seal are accepted', lenient(NEW)],
  ])('is refused when it was %s', async (_, by) => {
    const folder = await newFolder();
    const store = storeIn(folder, by);
    const issue = await store.record(draft);
    const forged = sealIssue({ ...draft, title: 'one batch, no risks' }, 1);
    await writeFile(fileOf(folder, issue.issue_id), JSON.stringify(forged));
    // The best that somebody without the key can do: the seal of the issue that was here.
    await rename(sealOf(folder, issue.digest), sealOf(folder, forged.digest));
    const { message } = await refusal(store.get(issue.issue_id));
    expect(message).toContain('does not fit its seal by the key new');
  });

  it.each([
    [
      'of a key that is not ours',
      { key_id: 'other', hmac: '0'.repeat(64) },
      'not in ISSUE_SEAL_KEYS (new, old)',
    ],
    ['of nothing', {}, 'unreadable seal'],
    ['with other types', { key_id: ['new'], hmac: 7 }, 'unreadable seal'],
    ['with a short sum', { key_id: 'new', hmac: 'ab' }, 'unreadable seal'],
    [
      'with a control character',
      { key_id: 'new\u001b[2J', hmac: '0'.repeat(64) },
      'unreadable seal',
    ],
    ['that is a list', [[[[]]]], 'unreadable seal'],
  ])('is refused with a seal %s', async (_, seal, reason) => {
    const folder = await newFolder();
    const store = storeIn(folder, lenient(NEW, OLD));
    const issue = await store.record(draft);
    await writeFile(sealOf(folder, issue.digest), JSON.stringify(seal));
    const { message } = await refusal(store.get(issue.issue_id));
    expect(message).toContain(reason);
    expect(message).not.toContain('\u001b');
  });

  it.each([
    ['no JSON', '{"key'],
    ['null', 'null'],
    ['64 kB', `"${'x'.repeat(65_536)}"`],
  ])('is not read with a seal file of %s, and that is no missing seal', async (_, text) => {
    const folder = await newFolder();
    const store = storeIn(folder, lenient(NEW));
    const issue = await store.record(draft);
    await writeFile(sealOf(folder, issue.digest), text);
    await expect(store.get(issue.issue_id)).rejects.toThrow('seals');
  });

  it('under another key of the same id is refused', async () => {
    const folder = await newFolder();
    const issue = await storeIn(folder, sealing(NEW)).record(draft);
    const other = { ...STRANGER, id: 'new' };
    const { message } = await refusal(storeIn(folder, sealing(other)).get(issue.issue_id));
    expect(message).toContain('that id has another key here');
  });
});

describe('recording', () => {
  it('takes no issue under the name of the run that has no right seal, but the next revision', async () => {
    const folder = await newFolder();
    // To the byte what the run would record: only the seal tells that somebody else placed it.
    await writeFile(
      fileOf(folder, sealIssue(draft, 1).issue_id),
      JSON.stringify(sealIssue(draft, 1)),
    );
    const store = storeIn(folder, sealing(NEW));
    const recorded = await store.record(draft);
    expect(recorded.revision).toBe(2);
    expect(await store.latest(draft.service, draft.candidate)).toEqual(recorded);
    expect(await store.record(draft)).toEqual(recorded);
  });

  it('leaves no issue without its seal, whenever a worker is killed, and uses a seal left behind', async () => {
    const folder = await newFolder();
    const store = storeIn(folder, sealing(NEW));
    const { issue_id: id } = await store.record(draft);
    // Killed between the two: the seal is there, the issue is not.
    await rm(fileOf(folder, id));
    expect(await readdir(path.join(folder, 'seals'))).toHaveLength(1);
    const again = await store.record(draft);
    expect(again.issue_id).toBe(id);
    expect(await store.get(id)).toEqual(again);
  });

  it('at the same time by workers in the middle of a rotation is read by both', async () => {
    const folder = await newFolder();
    const [before, after] = [
      storeIn(folder, sealing(OLD, NEW)),
      storeIn(folder, sealing(NEW, OLD)),
    ];
    const issues = await Promise.all(
      [before, after, before, after].map((one) => one.record(draft)),
    );
    expect(new Set(issues.map(({ digest }) => digest)).size).toBe(1);
    for (const store of [before, after])
      expect(await store.latest(draft.service, draft.candidate)).toEqual(issues[0]);
  });
});

describe('an issue in Elasticsearch', () => {
  let server: TextServer;
  beforeAll(async () => {
    server = await serveText({ 'x-elastic-product': 'Elasticsearch' });
  });
  afterAll(() => server.stop());
  const issue = sealIssue(draft, 1);
  const storeWith = (by: Sealing) =>
    createIssueStore({
      ...{ url: server.url, client: createElasticsearch({ url: server.url }) },
      ...{ index: 'release-issues', sealing: by },
    });
  const hmac = createHmac('sha256', NEW.bytes)
    .update(
      canonicalize(Object.fromEntries(Object.entries(issue).filter(([k]) => k !== 'digest'))) ?? '',
    )
    .digest('hex');
  const answer = (seal: unknown) => {
    const hit = { _id: issue.issue_id, _source: { issue: JSON.stringify(issue), seal } };
    server.answer = (url) =>
      JSON.stringify(url.includes('_search') ? { hits: { hits: [hit] } } : hit);
  };

  it('is read with its seal, alone and in a list', async () => {
    answer({ key_id: 'new', hmac });
    const store = storeWith(sealing(OLD, NEW));
    expect(await store.get(issue.issue_id)).toEqual(issue);
    expect(await store.list({})).toHaveLength(1);
  });

  it.each([
    ['none', undefined, 'has no seal'],
    ['null', null, 'has no seal'],
    ['another', { key_id: 'new', hmac: '0'.repeat(64) }, 'does not fit its seal'],
  ])('is refused with a seal of %s', async (_, seal, reason) => {
    answer(seal);
    const store = storeWith(sealing(NEW));
    const { message } = await refusal(store.get(issue.issue_id));
    expect(message).toContain(`${issue.issue_id} in the index release-issues ${reason}`);
    expect(await store.list({})).toEqual([]);
  });
});

describe('an issue that came by signal and is in no store', () => {
  const arrived = sealIssue(draft, 1);
  const { issue_id, digest } = arrived;
  const open = async (by?: Sealing) =>
    openIssue(
      { issueStore: storeIn(await newFolder(), by), hostActions: { canAct: true } as never },
      { issue_id, digest, issue: arrived },
    );

  it('is not released where issues must have a seal', async () => {
    await expect(open(sealing(NEW))).rejects.toThrow('is not stored');
  });

  it('is released where they need none', async () => {
    for (const by of [undefined, lenient(NEW)])
      expect(await open(by)).toMatchObject({ issue: { digest } });
  });
});
