import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import type { Issue, IssueDraft } from '../../../src/domain/issue';

const ROOT = path.resolve(__dirname, '../../..');
let folder: string;
let issue: Issue;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'check-'));
  const sample = JSON.parse(
    readFileSync(path.join(ROOT, 'docs/examples/issue/issue.json'), 'utf8'),
  ) as Issue;
  issue = await createIssueStore({ url: `file:${folder}`, index: 'x' }).record(draftOf(sample));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const draftOf = (sample: Issue): IssueDraft => {
  const given = ['issue_id', 'revision', 'digest'];
  const entries = Object.entries(sample).filter(([key]) => !given.includes(key));
  return Object.fromEntries(entries) as IssueDraft;
};

const cli = path.join(ROOT, 'src/cli.ts');
function show(env: Record<string, string>) {
  const args = ['--import', 'tsx', cli, 'show', issue.service, issue.candidate, '--json'];
  const base = { PATH: process.env['PATH'], ISSUE_STORE_URL: `file:${folder}` };
  return spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...base, ...env },
  });
}

function check(args: string[], input = '', more: Record<string, string> = {}) {
  const run = spawnSync(
    process.execPath,
    ['--import', 'tsx', path.join(ROOT, 'src/cli.ts'), 'check', ...args],
    {
      ...{ cwd: ROOT, input, encoding: 'utf8' },
      // No Temporal and no Prometheus: the guard asks nobody.
      env: {
        PATH: process.env['PATH'],
        ISSUE_STORE_URL: `file:${folder}`,
        TEMPORAL_ADDRESS: '127.0.0.1:1',
        ...more,
      },
    },
  );
  const verdicts = run.stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as object);
  return { ...run, verdicts };
}

const deployOf = (batch: number) => {
  const plan = issue.steps[2].details.gray_strategy.batches[batch - 1];
  const host_ids = plan?.hosts.map(({ host_id }) => host_id);
  return {
    type: 'deploy',
    batch_id: batch,
    host_ids,
    version: issue.candidate,
    digest: issue.digest,
  };
};
const inTime = () => issue.created_at;

it('answers JSON lines in their order, and exits with 3 when one is refused', () => {
  const lines = [
    { action: deployOf(1), at: inTime() },
    { action: deployOf(2), at: inTime() },
    { action: { ...deployOf(1), version: 'v9' }, at: inTime(), state: { events: [] } },
  ];
  const { status, verdicts, stderr } = check(
    [issue.service, issue.candidate, '--action', '-'],
    lines.map((line) => JSON.stringify(line)).join('\n'),
  );
  expect(verdicts).toEqual([
    { allowed: true },
    expect.objectContaining({ allowed: false, code: 'OutOfOrder' }),
    expect.objectContaining({ allowed: false, code: 'WrongVersion', clause: '/candidate' }),
  ]);
  expect(status).toBe(3);
  expect(stderr).toMatch(/refused OutOfOrder: .*\(and 1 more\)/);
});

it('takes one action and a state from files', () => {
  const [action, state] = [path.join(folder, 'action'), path.join(folder, 'state')];
  writeFileSync(action, JSON.stringify(deployOf(1)));
  writeFileSync(state, JSON.stringify({ events: [{ ...deployOf(1), at: inTime() }] }));
  const first = check([issue.issue_id, '--action', action, '--at', inTime()]);
  expect([first.status, first.verdicts]).toEqual([0, [{ allowed: true }]]);
  const again = check([issue.issue_id, '--action', action, '--state', state, '--at', inTime()]);
  expect([again.status, again.verdicts]).toEqual([
    3,
    [expect.objectContaining({ code: 'Replayed' })],
  ]);
});

it.each([
  ['{"action": 1', /line 1 is not JSON/],
  ['[]', /line 1 must be/],
  [JSON.stringify({ action: {}, state: { events: [{}] } }), /line 1: event 0 of the state/],
  [JSON.stringify({ action: {}, at: 'noon' }), /line 1: --at must be an RFC 3339 time/],
  [JSON.stringify({ action: {}, at: '2026' }), /line 1: --at must be an RFC 3339 time/],
])('exits with 2 and says what is wrong with %s', (line, message) => {
  const { status, stderr } = check([issue.issue_id, '--action', '-'], line);
  expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
});

it('answers what comes before a broken line, and says which line is broken', () => {
  const good = JSON.stringify({ action: deployOf(1), at: inTime() });
  const { status, verdicts, stderr } = check(
    [issue.issue_id, '--action', '-'],
    [good, '', good.replace('{', '\u2028{'), `${good.slice(0, -9)}`, good].join('\r\n'),
  );
  expect(verdicts).toEqual([{ allowed: true }]);
  expect([status, stderr]).toEqual([2, expect.stringMatching(/line 3 is not JSON/)]);
});

it('takes a text with a line separator of Unicode for one line', () => {
  const pause = { type: 'pause', digest: issue.digest, reason: 'two\u2028lines\u2029in Köln' };
  const { status, verdicts } = check(
    [issue.issue_id, '--action', '-'],
    `${JSON.stringify({ action: pause, at: inTime() })}\n`,
  );
  expect([status, verdicts]).toEqual([0, [{ allowed: true }]]);
});

it('finds a changed byte in the stored issue', () => {
  const name = readdirSync(folder).find((file) => file.startsWith(issue.issue_id)) ?? '';
  const file = path.join(folder, name);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/"threshold": ?(?=\d)/, '"threshold":1'));
  const { status, stderr } = check([issue.issue_id, '--action', '-'], '');
  writeFileSync(file, text);
  expect([status, stderr]).toEqual([4, expect.stringMatching(/digest/)]);
});

describe('with seal keys', () => {
  const ISSUE_SEAL_KEYS = `k1:${randomBytes(32).toString('base64')}`;

  it('refuses an issue without a seal, to check and to show, and reads it where that is accepted', () => {
    const action = path.join(folder, 'sealed-action.txt');
    writeFileSync(action, JSON.stringify(deployOf(1)));
    const args = [issue.service, issue.candidate, '--action', action, '--at', inTime()];
    const refused = check(args, '', { ISSUE_SEAL_KEYS });
    expect(refused.verdicts).toEqual([]);
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain(`${issue.issue_id} in ${folder} has no seal`);
    expect(refused.stderr).not.toContain(ISSUE_SEAL_KEYS.slice(3));

    const accepted = show({ ISSUE_SEAL_KEYS, ISSUE_UNSEALED: 'accept' });
    expect(JSON.parse(accepted.stdout)).toMatchObject({ issue_id: issue.issue_id });
    expect(accepted.stderr).toContain(
      'has no seal; it was read because ISSUE_UNSEALED is "accept"',
    );
    expect(show({ ISSUE_SEAL_KEYS })).toMatchObject({ status: 4, stdout: '' });
  });
});

it('counts the approvals recorded with the issue, from their time on', async () => {
  const store = createIssueStore({ url: `file:${folder}`, index: 'x' });
  const asking = await store.record({
    ...draftOf(issue),
    workflow: { id: issue.workflow.id, run_id: 'asks for approval' },
    approvals: { required: 1, reason: 'the policy asks for 1' },
  });
  const deploy = { ...deployOf(1), digest: asking.digest };
  const [before, after] = [1, 3].map((minute) =>
    new Date(Date.parse(asking.created_at) + minute * 60_000).toISOString(),
  );
  const lines = [before, after].map((time) => JSON.stringify({ action: deploy, at: time }));
  const ask = () => check([asking.issue_id, '--action', '-'], lines.join('\n'));
  const refused = expect.objectContaining({ code: 'NotApproved' }) as object;
  expect(ask().verdicts).toEqual([refused, refused]);
  const at = new Date(Date.parse(asking.created_at) + 120_000).toISOString();
  await store.recordApproval(asking.issue_id, { by: 'Dana', digest: issue.digest, at });
  // An approval of another document, as of the revision before.
  expect(ask().verdicts).toEqual([refused, refused]);
  await store.recordApproval(asking.issue_id, { by: 'Bob', digest: asking.digest, at });
  writeFileSync(path.join(folder, 'records', `${asking.issue_id}.approval`, 'x.json'), '{');
  const { verdicts, stderr } = ask();
  expect(verdicts).toEqual([refused, { allowed: true }]);
  expect(stderr).toMatch(/approval x: cannot be read/);
});
