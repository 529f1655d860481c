import type { RolloutDocument } from '../../../src/domain/knowledge/rollout-document';
import { checkApproved } from '../../../src/guard/approvals/approvals';
import { approvalsOf } from '../../../src/steps/constraint/approvals';

const policy = (approvals: number, prevents = false) =>
  ({ id: 'critical', approvals, prevent_self_approval: prevents }) as RolloutDocument;

it.each([
  [policy(0), 'ana', { required: 0, reason: 'policy critical asks for none' }],
  [policy(0, true), undefined, { required: 0, reason: 'policy critical asks for none' }],
  [policy(2), 'ana', { required: 2, reason: 'policy critical asks for 2' }],
  [
    policy(1, true),
    'ana',
    {
      required: 1,
      reason:
        'policy critical asks for 1, and ana, who asked for the release, may not be the only one',
      requested_by: 'ana',
    },
  ],
])('asks for what the policy says', (given, requestedBy, expected) => {
  expect(approvalsOf(given, requestedBy)).toEqual(expected);
});

it('asks for two people where it is not known who asked', () => {
  const approvals = approvalsOf(policy(1, true), undefined);
  expect(approvals).toMatchObject({
    required: 2,
    reason: expect.stringMatching('who asked is not known') as string,
  });
});

it('never lets the one who asked be the only one, whoever approves', () => {
  const digest = 'sha256:d';
  for (const requestedBy of ['ana', undefined])
    for (const required of [1, 2]) {
      const approvals = approvalsOf(policy(required, true), requestedBy);
      const issue = { digest, approvals } as Parameters<typeof checkApproved>[0];
      const by = (...names: string[]) => names.map((name) => ({ by: name, digest, at: 0 }));
      expect(checkApproved(issue, by('ana', 'ANA', ' ana '), 0)).toMatchObject({ allowed: false });
      expect(checkApproved(issue, by('ana', 'bob'), 0)).toEqual({ allowed: true });
    }
});
