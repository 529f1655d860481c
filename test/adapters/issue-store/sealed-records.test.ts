import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import canonicalize from 'canonicalize';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import { SealError, type Sealing } from '../../../src/adapters/issue-store/keyed-seal';
import { parseNamedKeys } from '../../../src/adapters/named-key';
import { readPastReleases } from '../../../src/activities/measure/service-facts';
import type { Outcome } from '../../../src/domain/records/outcome';
import { draft } from '../../fixtures/outcomes';
import { serveText } from '../../fixtures/text-server';

const bytes = randomBytes(32);
const keys = (text: string) => parseNamedKeys(text).keys;
const OURS: Sealing = { keys: keys(`ours:${bytes.toString('base64')}`) };
const LENIENT: Sealing = { ...OURS, acceptUnsealed: true };
const ROTATED: Sealing = {
  keys: [...keys(`new:${randomBytes(32).toString('base64')}`), ...OURS.keys],
};
const STRANGER: Sealing = { keys: keys(`ours:${randomBytes(32).toString('base64')}`) };

const ID = 'cart-v2-0123456789abcdef0123456789abcdef-r1';
const digest = `sha256:${'a'.repeat(64)}`;
const at = '2026-11-30T09:00:00.000Z';
const dana = { by: 'Dana', digest, at };
const outcome: Outcome = {
  ...{ issue_id: ID, digest, result: 'completed' },
  ...{ started_at: at, ended_at: at, batches: [], rules: [], risks: [], actions: [] },
};
const event = { type: 'deploy', at, batch_id: 1 };
const newFolder = () => mkdtemp(path.join(os.tmpdir(), 'sealed-records-'));
const storeIn = (folder: string, sealing?: Sealing) =>
  createIssueStore({ url: `file:${folder}`, index: 'x', sealing });
type Store = ReturnType<typeof storeIn>;

/** One record of each kind. */
async function fill(store: Store): Promise<void> {
  await store.recordApproval(ID, dana);
  await store.appendGateEvent(ID, 0, event);
  await store.recordOutcome(outcome);
}
/** What counts of them; where nothing may count, why. */
async function takenBy(store: Store) {
  const faults: string[] = [];
  const approvals = await store.approvals(ID, (reason) => void faults.push(reason));
  const reason = (error: unknown) => {
    expect(error).toBeInstanceOf(SealError);
    return (error as Error).message;
  };
  return {
    ...{ approvals: approvals.map(({ by }) => by), faults },
    gate: await store.gateEvents(ID).catch(reason),
    outcome: await store.outcome(ID).catch(reason),
  };
}
const ALL = { approvals: ['Dana'], faults: [], gate: [event], outcome };
const none = (why: RegExp) => ({
  approvals: [],
  faults: [expect.stringMatching(why)],
  gate: expect.stringMatching(why),
  outcome: expect.stringMatching(why),
});
const filesOf = async (folder: string): Promise<string[]> => {
  const names = await readdir(path.join(folder, 'records'), { recursive: true });
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => path.join(folder, 'records', name));
};

it('seals what is kept with an issue, over its content and its place, so that others can compute it', async () => {
  const folder = await newFolder();
  await fill(storeIn(folder, OURS));
  const files = await filesOf(folder);
  expect(files).toHaveLength(3);
  for (const file of files) {
    const { seal, ...content } = JSON.parse(await readFile(file, 'utf8'));
    const [, issue_id, kind] = /([^/]+)\.([a-z]+)\/[^/]+$/.exec(file) ?? [];
    const text = canonicalize({ kind, issue_id, key: path.basename(file, '.json'), content });
    const hmac = createHmac('sha256', bytes).update(text ?? '');
    expect(seal).toEqual({ key_id: 'ours', hmac: hmac.digest('hex') });
  }
});

it('is read with any of the keys, and without keys', async () => {
  const folder = await newFolder();
  await fill(storeIn(folder, OURS));
  for (const by of [OURS, LENIENT, ROTATED, undefined])
    expect(await takenBy(storeIn(folder, by))).toEqual(ALL);
});

it('counts nothing that has no seal, or says so where it is accepted', async () => {
  const folder = await newFolder();
  await fill(storeIn(folder));
  expect(await takenBy(storeIn(folder, OURS))).toEqual(none(/has no seal: .*else remove it/));
  const said: string[] = [];
  const lenient = { ...LENIENT, onUnsealed: (text: string) => void said.push(text) };
  expect(await takenBy(storeIn(folder, lenient))).toEqual(ALL);
  expect(said).toEqual([
    expect.stringMatching(/^the approval \w+ of cart-\S+ in \S+ has no seal; it was read/),
    expect.stringMatching(/^the gate 000000 /),
  ]);
});

it.each([
  ['refused', OURS],
  ['accepted', LENIENT],
])('counts nothing with a wrong seal where a missing one is %s', async (_, by) => {
  const folder = await newFolder();
  await fill(storeIn(folder, STRANGER));
  expect(await takenBy(storeIn(folder, by))).toEqual(none(/does not fit its seal by the key/));
  for (const seal of [{}, 7, [], { key_id: 'ours', hmac: 'ab' }])
    for (const file of await filesOf(folder)) {
      const content = JSON.parse(await readFile(file, 'utf8'));
      await writeFile(file, JSON.stringify({ ...content, seal }));
    }
  expect(await takenBy(storeIn(folder, by))).toEqual(none(/has an unreadable seal/));
});

it('counts no record that was changed or moved', async () => {
  const folder = await newFolder();
  const store = storeIn(folder, LENIENT);
  await fill(store);
  for (const file of await filesOf(folder)) {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll('T09:00', 'T08:00'));
  }
  expect(await takenBy(store)).toEqual(none(/does not fit its seal/));

  const moved = await newFolder();
  const other = storeIn(moved, LENIENT);
  for (const index of [0, 1]) await other.appendGateEvent(ID, index, { ...event, index });
  const gate = path.join(moved, 'records', `${ID}.gate`);
  await rename(path.join(gate, '000001.json'), path.join(gate, '000000.json'));
  await expect(other.gateEvents(ID)).rejects.toThrow('does not fit its seal');
});

it('takes no list for an event, which has no place for a seal', async () => {
  const folder = await newFolder();
  const gate = path.join(folder, 'records', `${ID}.gate`);
  await mkdir(gate, { recursive: true });
  await writeFile(path.join(gate, '000000.json'), JSON.stringify([event]));
  await expect(storeIn(folder, OURS).gateEvents(ID)).rejects.toThrow('is damaged');
});

it('says that a record could not be made where a forged one is in its place', async () => {
  const folder = await newFolder();
  await fill(storeIn(folder, STRANGER));
  const store = storeIn(folder, OURS);
  await expect(store.recordApproval(ID, dana)).rejects.toThrow('does not fit its seal');
  await expect(store.recordOutcome(outcome)).rejects.toBeInstanceOf(SealError);
});

it('reads the other outcomes of a service where one is forged, and names that one', async () => {
  const folder = await newFolder();
  const store = storeIn(folder, OURS);
  const [first, second] = [
    await store.record(draft),
    await store.record({
      ...{ ...draft, created_at: '2026-01-01T00:00:00Z' },
      workflow: { ...draft.workflow, run_id: 'other' },
    }),
  ];
  const of = ({ issue_id, digest }: typeof first): Outcome => ({ ...outcome, issue_id, digest });
  await storeIn(folder, STRANGER).recordOutcome(of(second));
  await store.recordOutcome(of(first));
  const { facts, missing } = await readPastReleases({ issueStore: store }, draft.service);
  expect(facts).toEqual([expect.objectContaining({ outcome: 'succeeded' })]);
  expect(missing).toMatch(/the outcome outcome of \S+ in \S+ does not fit its seal/);
});

it('is sealed and checked in Elasticsearch, too', async () => {
  const server = await serveText({ 'x-elastic-product': 'Elasticsearch' });
  try {
    const folder = await newFolder();
    const client = createElasticsearch({ url: server.url });
    const store = createIssueStore({ url: server.url, client, index: 'i', sealing: OURS });
    for (const [by, why] of [
      [OURS, undefined],
      [undefined, 'has no seal'],
      [STRANGER, 'not fit'],
    ] as const) {
      const files = storeIn(folder + String(why), by);
      await fill(files);
      const text = await readFile(
        path.join(folder + String(why), 'records', `${ID}.outcome`, 'outcome.json'),
        'utf8',
      );
      const doc = { _id: 'a', found: true, _source: { record: text } };
      server.answer = () => JSON.stringify({ docs: [doc] });
      if (why === undefined) expect(await store.outcome(ID)).toEqual(outcome);
      else await expect(store.outcome(ID)).rejects.toThrow(why);
    }
    await expect(store.outcome(ID)).rejects.toThrow('in the index i-records');
  } finally {
    server.stop();
  }
});
