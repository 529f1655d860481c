import type { Issue } from '../../../../src/domain/issue';
import { renderIssue } from '../../../../src/cli/render/issue';
import { issueMarkdown } from '../../../../src/cli/render/markdown/markdown';
import { issueHtml } from '../../../../src/cli/render/page/issue-html';
import { constraintText } from '../../../../src/cli/render/wording/constraint-text';
import { ENGLISH, textsOf } from '../../../../src/cli/texts/texts';
import { issue } from '../../../fixtures/outcomes';

/** The issue with rules of these answers, the first of which does not gate. */
function constrained(changes: Partial<Issue>, answers: string[][]): Issue {
  const made = structuredClone({ ...issue, ...changes });
  const [group] = made.steps[1].details.metrics;
  const [rule] = group!.rules;
  group!.rules = answers.map((actions, n) => ({
    ...rule!,
    gates: n > 0,
    on_breach: actions.map((action) => ({
      ...{ action, hosts: 'batch' as const, repair_observation_time: '60s' },
    })),
  }));
  made.steps[1].details.metrics = [group!];
  return made;
}
const full = constrained(
  {
    approvals: { required: 2, reason: 'policy payments' },
    not_before: '2026-11-30T09:00:00Z',
    rollback: { targets: { 'v1.0.0': ['h1', 'h2'], 'v0.9.0': ['h3'] }, unknown: ['h4'] },
  },
  [['pause'], ['throttle', 'rollback'], ['rollback'], ['throttle', 'rollback']],
);

it('says who must approve, when it may begin, what answers a breach, and what a rollback leads to', () => {
  expect(constraintText(full, ENGLISH)).toEqual([
    '2 people must approve it: policy payments',
    'begins not before 2026-11-30T09:00:00Z',
    'a breach of any of 2 rules: throttle → rollback',
    'a breach of 1 rule: rollback',
    'rollback to v1.0.0 (2 hosts), v0.9.0 (1 host)',
    'nothing to roll 1 host back to: it did not run the service',
  ]);
  expect(constraintText(full, textsOf('zh'))).toHaveLength(6);
});

it('is in each form', () => {
  for (const form of [renderIssue(full), issueMarkdown(full), issueHtml(full, ENGLISH)]) {
    expect(form).toContain('What the release must obey');
    expect(form).toContain('2 people must approve it');
  }
});

it('is left out of an issue from before constraints, and needs no approval where the policy asks for none', () => {
  const old = constrained({ approvals: undefined, rollback: undefined }, []);
  expect(constraintText(old, ENGLISH)).toEqual([]);
  expect(renderIssue(old)).not.toContain('must obey');
  const free = constrained({ approvals: { required: 0, reason: 'none' }, rollback: undefined }, []);
  expect(constraintText(free, ENGLISH)).toEqual([]);
});

it('names few of many versions', () => {
  const targets = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`v${n}`, ['h']]));
  const [line] = constraintText(constrained({ rollback: { targets } }, []), ENGLISH);
  expect(line).toMatch(/v4 \(1 host\), 4 more$/);
});
