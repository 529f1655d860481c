import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import { digestOf, sealIssue } from '../../../src/adapters/issue-store/seal';
import { UpstreamError } from '../../../src/adapters/upstream/upstream-error';
import type { Issue } from '../../../src/domain/issue';
import {
  answersLike,
  damagedText,
  expectCleanPrototype,
  mutationsOf,
  noisy,
  RUNS,
  type Json,
} from '../../fixtures/fuzz';
import { draft } from '../../fixtures/outcomes';
import { serveText, type TextServer } from '../../fixtures/text-server';

jest.setTimeout(600_000);

const issue = sealIssue(draft, 1);
const stored = (): Json => JSON.parse(JSON.stringify(issue)) as Json;

/** The very issue that was recorded, or the documented error, for good; never another one. */
async function expectTheIssue(read: Promise<Issue | null>): Promise<void> {
  const found = await read.catch(expectRefusal);
  if (found !== null) expect(found).toEqual(issue);
  expectCleanPrototype();
}

function expectRefusal(error: unknown): null {
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error).toMatchObject({ upstream: 'issue-store', permanent: true });
  expect((error as Error).message.length).toBeLessThan(1_000);
  return null;
}

describe('a file of an issue', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'issues-'));
  const store = createIssueStore({ url: `file:${folder}`, index: 'unused' });
  const file = path.join(folder, `${issue.issue_id}.json`);

  it('comes back as it was recorded', async () => {
    const recorded = await store.record(draft);
    expect(readdirSync(folder)).toEqual([path.basename(file)]);
    expect(recorded).toEqual(issue);
    await expectTheIssue(store.get(issue.issue_id));
  });

  it('is the recorded issue or refused, whatever somebody made of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(answersLike(stored), noisy(stored)), async (text) => {
        writeFileSync(file, text);
        await expectTheIssue(store.get(issue.issue_id));
        await store.list({}).catch(expectRefusal);
      }),
      { numRuns: 2 * RUNS },
    );
  });

  it('is the recorded issue or refused, wherever it is cut off or overwritten', async () => {
    const text = `${JSON.stringify(issue, null, 2)}\n`;
    await fc.assert(
      fc.asyncProperty(
        damagedText(() => text),
        async (damaged) => {
          writeFileSync(file, damaged);
          await expectTheIssue(store.get(issue.issue_id));
          await expectTheIssue(store.latest(issue.service, issue.candidate));
        },
      ),
      { numRuns: 2 * RUNS },
    );
  });

  it('of another version of the schema is refused by that name', async () => {
    const later = { ...issue, schema_version: '2.0' };
    writeFileSync(file, JSON.stringify({ ...later, digest: digestOf(later as never) }));
    await expect(store.get(issue.issue_id)).rejects.toThrow(/schema_version/);
    writeFileSync(file, JSON.stringify({ ...issue, later: 1 }));
    await expect(store.get(issue.issue_id)).rejects.toThrow(/later/);
    expect(readFileSync(file, 'utf8')).toContain('"later":1');
  });

  it('under the name of another is refused', async () => {
    const other = sealIssue(draft, 2);
    writeFileSync(path.join(folder, `${other.issue_id}.json`), JSON.stringify(issue));
    await expect(store.get(other.issue_id)).rejects.toThrow(`it is ${issue.issue_id}`);
    rmSync(path.join(folder, `${other.issue_id}.json`));
  });

  it('that holds nothing is named where all are listed', async () => {
    writeFileSync(file, 'null');
    const left: string[] = [];
    expect(await store.list({ onForeign: (reason) => void left.push(reason) })).toEqual([]);
    expect(left).toEqual([expect.stringContaining(issue.issue_id)]);
  });
});

describe('an issue in Elasticsearch', () => {
  let server: TextServer;
  beforeAll(async () => void (server = await serveText({ 'x-elastic-product': 'Elasticsearch' })));
  afterAll(() => server.stop());
  const found = (): Json => ({
    _index: 'release-issues',
    _id: issue.issue_id,
    found: true,
    _source: { service: issue.service, issue: JSON.stringify(issue) },
  });
  const listed = (): Json => ({ took: 1, timed_out: false, hits: { hits: [found()] } });
  const newStore = () =>
    createIssueStore({
      url: server.url,
      client: createElasticsearch({ url: server.url }),
      index: 'release-issues',
    });

  it('comes back as it was recorded', async () => {
    server.answer = (url) => JSON.stringify(url.includes('_search') ? listed() : found());
    expect(await newStore().get(issue.issue_id)).toEqual(issue);
    expect(await newStore().list({})).toHaveLength(1);
  });

  it('is the recorded issue or refused, whatever the server answers', async () => {
    const store = newStore();
    const texts = mutationsOf(stored).map((text) =>
      JSON.stringify({ _id: issue.issue_id, found: true, _source: { issue: text } }),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(answersLike(found), texts), async (text) => {
        server.answer = () => text;
        const read = await store.get(issue.issue_id).catch(expectFault);
        if (read !== null) expect(read).toEqual(issue);
      }),
      { numRuns: 2 * RUNS },
    );
  });

  it('is listed or refused, whatever the server answers', async () => {
    const store = newStore();
    await fc.assert(
      fc.asyncProperty(answersLike(listed), async (text) => {
        server.answer = () => text;
        for (const summary of (await store.list({}).catch(expectFault)) ?? [])
          expect(summary.issue_id).toBe(issue.issue_id);
      }),
      { numRuns: 2 * RUNS },
    );
  });
});

/** What is no JSON may be a broken connection: that is asked again. */
function expectFault(error: unknown): null {
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error).toMatchObject({ upstream: 'issue-store' });
  return null;
}
