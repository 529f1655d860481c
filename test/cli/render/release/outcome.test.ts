import { outcomeLines } from '../../../../src/cli/render/release/outcome';
import { columnsOf } from '../../../../src/cli/render/terminal-text';
import { textsOf } from '../../../../src/cli/texts/texts';
import type { Outcome } from '../../../../src/domain/records/outcome';
import { smallIssue } from '../../../fixtures/releases/small-release';

const issue = smallIssue('cart');
const AT = '2026-11-30T10:00:00Z';
const completed: Outcome = {
  ...{ issue_id: issue.issue_id, digest: issue.digest, result: 'completed' },
  ...{ started_at: AT, ended_at: '2026-11-30T10:01:00Z' },
  batches: [1, 2, 3].map((batch_id) => ({
    ...{ batch_id, deployed_at: AT, observed_until: '2026-11-30T10:00:09Z' },
    hosts: [`h${batch_id}`],
    verdicts: { 'memory/load': 'ok' as const },
  })),
  rules: [
    {
      rule_id: 'memory/load',
      predicted: { p50: 5, p99: 6, threshold: 10 },
      actual: { p50: 5.123456, p99: 7, breaches: 0 },
    },
  ],
  risks: [{ type: 'latency', predicted: true, happened: false }],
  actions: [],
};
const textOf = (outcome: Outcome, language: 'en' | 'zh' = 'en', width = 80) =>
  outcomeLines(issue, outcome, { texts: textsOf(language), width }).join('\n');

it('says how a release went, next to what was predicted', () => {
  const text = textOf(completed);
  expect(text).toContain('Released in 1 min: 3 hosts run v1.1.0.');
  expect(text).toMatch(/^1 +1 +4 s +9 s +1 ok$/m);
  expect(text).toContain('5.12');
  expect(text).toContain('1 predicted risk did not show');
});

it('names what was stopped, what was not touched, and hosts that need a person', () => {
  const text = textOf({
    ...completed,
    result: 'needs_person',
    reason: { code: 'RollbackFailed', text: 'h2 is down' },
    batches: completed.batches.slice(0, 1),
    hosts_left: ['h2'],
  });
  expect(text).toContain('needs a person');
  expect(text).toContain('why: RollbackFailed: h2 is down');
  expect(text).toContain('not back on their version: h2');
  expect(text).toContain('batches 2, 3 were not touched');
});

it('says it in Chinese, within 80 columns', () => {
  const text = textOf(completed, 'zh');
  expect(text).toContain('发布完成');
  for (const line of text.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
});
