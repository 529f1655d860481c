import { renderOutcomes } from '../../../../src/cli/render/release/outcome-list';
import { columnsOf } from '../../../../src/cli/render/terminal-text';
import { textsOf } from '../../../../src/cli/texts/texts';
import type { Outcome } from '../../../../src/domain/records/outcome';
import { smallIssue } from '../../../fixtures/releases/small-release';

const issue = smallIssue('cart');
const outcome: Outcome = {
  ...{ issue_id: issue.issue_id, digest: issue.digest, result: 'rolled_back' },
  ...{ started_at: '2026-11-30T10:00:00Z', ended_at: '2026-11-30T10:01:00Z' },
  batches: [],
  rules: [
    {
      rule_id: 'memory/load',
      predicted: { p50: 5, p99: 6, threshold: 10 },
      actual: { p50: 5, p99: 50, breaches: 1 },
    },
  ],
  risks: [{ type: 'memory_leak', predicted: true, happened: true, mitigation: 'rollback' }],
  actions: [],
};
const viewOf = (width: number) => ({ texts: textsOf('en'), width });

it('lists releases with what was broken and what happened, and how well the predictions held', () => {
  const text = renderOutcomes([{ issue, outcome }], viewOf(80));
  expect(text).toMatch(/^cart +v1\.1\.0 +rolled back +1 min +memory\/load +memory_leak$/m);
  expect(text).toContain('- 1 of 1 risks that happened had been predicted');
  expect(text).toContain('- 0 of 1 rules had values within twice what was expected');
  // Nothing completed, so no level could be kept.
  expect(text).not.toContain('kept their level');
  for (const line of text.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
});

it('prints one release a line in a pipe, and says when none has ended', () => {
  expect(renderOutcomes([{ issue, outcome }], viewOf(Infinity)).split('\t')).toEqual([
    ...[issue.issue_id, 'cart', 'v1.1.0', 'rolled_back', '1 min', 'memory/load', 'memory_leak'],
  ]);
  expect(renderOutcomes([], viewOf(80))).toBe('no release has ended');
});
