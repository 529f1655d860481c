import { breachOf, breachValueOf, noDataOf } from '../../src/export/rule-conditions';
import { factsOf } from '../../src/export/export-facts';
import type { Rule } from '../../src/domain/metrics';
import { issueWith } from '../fixtures/arbitrary-issue';

const ruleOf = (rule: Partial<Rule>) => {
  const [one] = factsOf(issueWith({ groups: [{ name: 'G', rules: [rule] }] })).rules;
  if (one === undefined) throw new Error('no rule');
  return one;
};

it('puts the expression in parentheses, whatever binds in it', () => {
  expect(breachOf(ruleOf({ expr: 'a or b', op: '<', threshold: -0.5 }))).toBe('(a or b) < -0.5');
  expect(breachOf(ruleOf({ expr: 'a > bool 5 # why', op: '>=', threshold: 1e-7 }))).toBe(
    '(a > bool 5) >= 1e-7',
  );
});

it('asks for absence, NaN, infinity and freshness', () => {
  expect(noDataOf(ruleOf({ expr: 'sum(rate(a[5m]))' })).split('\nor\n')).toEqual([
    'absent(sum(rate(a[5m])))',
    '(sum(rate(a[5m]))) != (sum(rate(a[5m])))',
    'abs(sum(rate(a[5m]))) == Inf',
    'absent(time() - max(timestamp(a)) <= 120)',
  ]);
});

it('is fresh as long as anything that a rule reads is', () => {
  expect(noDataOf(ruleOf({ expr: 'a or b' }))).toContain(
    'absent(time() - max(timestamp(a)) <= 120 or time() - max(timestamp(b)) <= 120)',
  );
});

it('carries `for` into one number', () => {
  const value = breachValueOf(ruleOf({ expr: 'a', op: '>', threshold: 2, for: '120s' }));
  expect(value.split('\n')).toEqual([
    'min_over_time(((a) > bool 2)[120s:30s]) * (count_over_time((a)[120s:30s]) >= bool 4) + 0 * (a)',
    'and on () (time() - max(timestamp(a)) <= 120)',
  ]);
  expect(breachValueOf(ruleOf({ expr: 'a', op: '>', threshold: 2, for: '0s' }))).toMatch(
    /^\(\(a\) > bool 2\) \+ 0 \* \(a\)\n/,
  );
  expect(breachValueOf(ruleOf({ expr: 'a', op: '>', threshold: 2, for: '45s' }))).toContain(
    '[45s:15s]) >= bool 3)',
  );
});
