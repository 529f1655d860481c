import { checkApproved } from '../../src/guard/approvals';
import { checkApproval } from '../../src/steps/constraint/approvals';
import { at, DIGEST, guardedIssue, T0 } from './guarded-issue';

const issue = guardedIssue();
const bob = { by: 'Bob', digest: DIGEST, at: T0 };

it('counts one person in two spellings once', () => {
  const again = checkApproval(issue, [bob], { by: ' bob', digest: DIGEST }, T0);
  expect(again).toMatchObject({ code: 'Replayed' });
});

it('takes no approval of another revision, nor one after the expiry', () => {
  const other = { by: 'Eve', digest: `sha256:${'0'.repeat(64)}` };
  expect(checkApproval(issue, [], other, T0)).toMatchObject({ code: 'WrongDigest' });
  const late = checkApproval(issue, [], { by: 'Eve', digest: DIGEST }, Date.parse(at(86_400)));
  expect(late).toMatchObject({ code: 'Expired' });
});

it('asks for a second person where the first one asked for the release', () => {
  const ana = { by: 'ANA', digest: DIGEST, at: T0 };
  expect(checkApproved(issue, [ana])).toMatchObject({ code: 'NotApproved' });
  expect(checkApproved(issue, [ana, bob])).toEqual({ allowed: true });
});
