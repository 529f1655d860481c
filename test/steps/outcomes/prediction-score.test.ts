import type { Outcome } from '../../../src/domain/records/outcome';
import { scorePredictions } from '../../../src/steps/outcomes/prediction-score';
import { smallIssue } from '../../fixtures/releases/small-release';

const issue = smallIssue('cart');
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 30, 10, 0, seconds)).toISOString();
const released = (changes: Partial<Outcome> & { p99?: number; breaches?: number } = {}) => {
  const { p99 = 6, breaches = 0, ...more } = changes;
  const outcome: Outcome = {
    ...{ issue_id: issue.issue_id, digest: issue.digest, result: 'completed' },
    ...{ started_at: at(0), ended_at: at(20) },
    batches: [
      { batch_id: 1, deployed_at: at(0), observed_until: at(6), hosts: ['h1'], verdicts: {} },
    ],
    rules: [
      {
        rule_id: 'memory/load',
        predicted: { p50: 5, p99: 6, threshold: 10 },
        actual: { p50: 5, p99, breaches },
      },
    ],
    risks: [{ type: 'latency', predicted: true, happened: false }],
    actions: [],
    ...more,
  };
  return { issue, outcome };
};
const risk = (more: Partial<Outcome['risks'][number]>) => [
  { type: 'memory_leak', predicted: true, happened: true, ...more },
];

it('scores times, levels, usual values, risks and repairs over the outcomes', () => {
  const score = scorePredictions([
    released(),
    released({ p99: 50 }),
    released({ breaches: 1, risks: risk({ mitigation: 'restart', mitigated: true }) }),
    released({ result: 'rolled_back', risks: risk({ predicted: false, mitigation: 'rollback' }) }),
  ]);
  expect(score).toEqual({
    releases: 4,
    results: { completed: 3, rolled_back: 1, aborted: 0, needs_person: 0 },
    // Planned for 4 s, observed for 6 s.
    time: 1.5,
    levels: { of: 2, held: 2 },
    usual: { of: 4, held: 3 },
    precision: { of: 3, held: 1 },
    recall: { of: 2, held: 1 },
    repairs: { of: 1, held: 1 },
  });
});

it('has no shares without releases', () => {
  expect(scorePredictions([])).toMatchObject({ releases: 0, time: null, recall: { of: 0 } });
});
