import type { Outcome } from '../../../src/domain/records/outcome';
import { historyFacts } from '../../../src/steps/risks/history-evidence';
import { predictFromKnowledge } from '../../../src/steps/risks/predict-from-knowledge';
import { situationOf } from '../../../src/steps/risks/situation';
import { lessonsOf } from '../../../src/steps/outcomes/past-release';
import { riskDocument, riskFacts, smallKnowledge } from '../../fixtures/risks/risk-knowledge';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 30, 10, 0, seconds)).toISOString();
const outcome: Outcome = {
  ...{ issue_id: 'shop-v1-r1', digest: 'sha256:1', result: 'rolled_back' },
  ...{ started_at: at(0), ended_at: at(50), batches: [] },
  rules: [
    {
      rule_id: 'latency/p99',
      predicted: { p50: 1, p99: 2, threshold: 3 },
      actual: { p50: 1, p99: 9, breaches: 1 },
    },
  ],
  risks: [
    { type: 'latency', predicted: true, happened: true },
    { type: 'memory_leak', predicted: true, happened: false },
  ],
  actions: [
    { at: at(0), ended_at: at(4), type: 'deploy', hosts: ['h1'], result: 'succeeded' },
    { at: at(10), ended_at: at(12), type: 'deploy', hosts: ['h2', 'h3'], result: 'succeeded' },
    { at: at(20), ended_at: at(50), type: 'deploy', hosts: ['h4'], result: 'failed' },
  ],
};
const past = {
  ...{ issue_id: 'shop-v1-r1', candidate: 'v1', revision: 1, created_at: at(0), warnings: 0 },
  ...lessonsOf(outcome),
};

it('learns how it ended, what happened, what was broken, and how long a host takes', () => {
  expect(lessonsOf(outcome)).toEqual({
    ...{ outcome: 'rolled_back', happened: ['latency'], broken: ['latency/p99'] },
    seconds_per_host: 2,
  });
  const { evidence, holds } = historyFacts([past], { candidate: 'v2', versions: { v1: 3 } });
  expect(evidence[0]?.says).toContain(
    'it was rolled back; latency happened; broken: latency/p99; 2 s a host to deploy',
  );
  expect([...holds.keys()]).toEqual(['failed_before', 'rolled_back_before']);
});

it('holds a risk that happened in an earlier release for likely, and says where it happened', () => {
  const documents = [riskDocument('latency', { likelihood: 'low' }), riskDocument('memory-leak')];
  const knowledge = smallKnowledge(documents);
  const predict = (history: (typeof past)[]) =>
    predictFromKnowledge(situationOf(riskFacts({ history }), knowledge), knowledge).risks.find(
      ({ type }) => type === 'latency',
    );
  expect(predict([])).toMatchObject({ likelihood: 'low' });
  const after = predict([past]);
  expect(after).toMatchObject({ likelihood: 'high' });
  expect(after?.evidence).toContain('issue:shop-v1-r1');
});
