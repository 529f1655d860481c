import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import { errorText, type CommandError } from '../../../src/cli/exit-codes';
import { program } from '../../../src/cli/program';
import type { Issue, IssueDraft } from '../../../src/domain/issue';

const OF_THE_STORE = ['issue_id', 'revision', 'digest'];
const folder = mkdtempSync(path.join(os.tmpdir(), 'rollout-'));
let issue: Issue;

beforeAll(async () => {
  const sample = JSON.parse(
    readFileSync(path.resolve(__dirname, '../../../docs/examples/issue/issue.json'), 'utf8'),
  ) as Issue;
  const draft = Object.fromEntries(
    Object.entries(sample).filter(([key]) => !OF_THE_STORE.includes(key)),
  ) as IssueDraft;
  issue = await createIssueStore({ url: `file:${folder}`, index: 'x' }).record({
    ...draft,
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    approvals: { required: 2, reason: 'the policy asks for 2' },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command in this process, without Temporal. */
async function approve(...args: string[]) {
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    }),
  );
  const before = process.env;
  process.env = { ISSUE_STORE_URL: `file:${folder}`, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  try {
    await program().parseAsync(['node', 'release-prep', 'rollout', 'approve', ...args]);
    return { status: 0, ...texts };
  } catch (error) {
    return { status: (error as CommandError).exitCode, ...texts, stderr: errorText(error) };
  } finally {
    process.env = before;
    for (const spy of spies) spy.mockRestore();
  }
}
const release = () => [issue.service, issue.candidate];

it('records approvals without a server, one a person, until there are enough', async () => {
  const first = await approve(...release(), '--by', 'Dana', '--reason', 'reviewed');
  expect([first.status, first.stdout]).toEqual([
    0,
    `${issue.service} ${issue.candidate}, revision 1: approved by Dana (1 of 2)\n`,
  ]);
  expect(first.stderr).toMatch(/may not begin yet\. 1 of 2 approvals are given/);
  expect(first.stderr).toMatch(/The approval was not sent to an executor: .*127\.0\.0\.1:1/);

  const again = await approve(...release(), '--by', 'dana');
  expect(again.stdout).toMatch(/dana had approved it already \(1 of 2\)/);

  const last = await approve(...release(), '--json');
  expect(JSON.parse(last.stdout)).toMatchObject({
    ...{ issue_id: issue.issue_id, digest: issue.digest, recorded: true, required: 2 },
    approvers: ['Dana', os.userInfo().username],
  });
  expect(last.stderr).not.toMatch(/may not begin/);
});

it.each([
  [['--digest', `sha256:${'0'.repeat(64)}`], 3, /refused WrongDigest/],
  [['--by', ''], 2, /--by: must not be empty/],
  [['--by', 'Da\u200bna'], 2, /--by: must not hold control or invisible/],
])('refuses %j', async (args, code, message) => {
  const { status, stderr } = await approve(...release(), ...args);
  expect([status, stderr]).toEqual([code, expect.stringMatching(message)]);
});

it('names the store in which there is no such issue', async () => {
  const { status, stderr } = await approve(issue.service, 'v9.9.9');
  expect([status, stderr]).toEqual([
    4,
    expect.stringMatching(/no issue of .* is recorded in file:/),
  ]);
});
