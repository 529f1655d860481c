import { mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createIssueStore } from '../../src/adapters/issue-store/issue-store';
import type { Issue } from '../../src/domain/issue';
import { approve } from '../../src/gates/approve';

const sample = JSON.parse(
  readFileSync(path.resolve(__dirname, '../../docs/examples/issue/issue.json'), 'utf8'),
) as Issue;
const issue: Issue = {
  ...sample,
  approvals: { required: 2, reason: 'the policy asks for 2', requested_by: 'Ana' },
};
const { digest } = issue;
const inTime = new Date(issue.created_at);
const newStore = () =>
  createIssueStore({
    url: `file:${mkdtempSync(path.join(os.tmpdir(), 'approve-'))}`,
    index: 'x',
  });

it('counts approvals and says what is missing', async () => {
  const store = newStore();
  expect(await approve(store, issue, { by: 'Ana', digest }, inTime)).toEqual({
    allowed: true,
    recorded: true,
    approvers: ['Ana'],
    required: 2,
    missing: '1 of 2 approvals are given.',
  });
  expect(await approve(store, issue, { by: 'ana', digest }, inTime)).toMatchObject({
    recorded: false,
    approvers: ['Ana'],
  });
  const last = await approve(store, issue, { by: 'Bob', digest }, inTime);
  expect(last).toEqual({
    ...{ allowed: true, recorded: true, approvers: ['Ana', 'Bob'], required: 2 },
  });
});

it('takes no approval of another digest or after expiry, and keeps none', async () => {
  const store = newStore();
  const other = { by: 'Bob', digest: `sha256:${'0'.repeat(64)}` };
  expect(await approve(store, issue, other, inTime)).toMatchObject({
    ...{ allowed: false, code: 'WrongDigest', clause: '/digest' },
  });
  const late = new Date(issue.expires_at);
  expect(await approve(store, issue, { by: 'Bob', digest }, late)).toMatchObject({
    ...{ allowed: false, code: 'Expired', clause: '/expires_at' },
  });
  expect(await store.approvals(issue.issue_id)).toEqual([]);
});
