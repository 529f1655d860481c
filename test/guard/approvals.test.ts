import { approversOf, checkApproved } from '../../src/guard/approvals/approvals';
import { personOf } from '../../src/guard/approvals/person';
import { DIGEST, guardedIssue, T0 } from './guarded-issue';

const issue = guardedIssue();
const bob = { by: 'Bob', digest: DIGEST, at: T0 };

it('counts one person in two spellings once, and no approval of another document', () => {
  const other = { by: 'Eve', digest: `sha256:${'0'.repeat(64)}`, at: T0 };
  expect(approversOf(issue, [bob, { ...bob, by: ' BOB' }, other], T0)).toEqual(['Bob']);
});

it('asks for a second person where the first one asked for the release', () => {
  const ana = { by: 'ANA', digest: DIGEST, at: T0 };
  expect(checkApproved(issue, [ana], T0)).toMatchObject({ code: 'NotApproved' });
  expect(checkApproved(issue, [ana, bob], T0)).toEqual({ allowed: true });
});

it.each([
  ['Dana  Meier', ' dana meier'],
  ['ＤＡＮＡ', 'dana'],
  ['Da\u200bna', 'Dana'],
  ['Jose\u0301', 'JOSÉ'],
  ['Weiß', 'WEISS'],
  ['ΣΟΦΟΣ', 'σοφος'],
  // Cyrillic and Greek letters that look like Latin ones.
  ['Аnа', 'Ana'],
  ['ВОВ', 'BOB'],
  ['Βοb', 'Bob'],
  ['ЈОЅЕ', 'jose'],
])('takes %j and %j for one person', (one, other) => {
  expect(personOf(one)).toBe(personOf(other));
});

it.each([
  ['Анна', 'Anna'],
  ['Иван', 'Ivan'],
  ['Zoë', 'Zoe'],
  ['Δημήτρης', 'Dimitris'],
])('takes %j and %j for two people', (one, other) => {
  expect(personOf(one)).not.toBe(personOf(other));
});
