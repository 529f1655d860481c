import { breachReason } from '../../../src/steps/execution/breach-reason';

const AT = '2026-11-30T17:52:42.500Z';
const cpu = { rule_id: 'cpu/total', value: 1.23, at: AT, limit: 0.41, verdict: 'breach' } as const;
const breach = {
  ...{ code: 'Breached', text: 'Rule cpu/user was 1.1, beyond 0.3 for 2 s.', rule_id: 'cpu/user' },
  ...{ value: 1.1, limit: 0.3 },
};

it('says of each rule what broke it, also when two broke at one look', () => {
  const record = { breach, readings: { 'cpu/total': cpu } };
  expect(breachReason(record, 'cpu/user')).toEqual(breach);
  expect(breachReason(record, 'cpu/total')).toEqual({
    ...{ code: 'Breached', rule_id: 'cpu/total', value: 1.23, limit: 0.41 },
    text: `Rule cpu/total was 1.23 at ${AT}, beyond 0.41.`,
  });
});

it('says no value where none was read', () => {
  expect(breachReason({ readings: {} }, 'a/b').text).toBe('Rule a/b is broken.');
});
