import type { Outcome } from '../../../src/domain/records/outcome';
import { predictedActual } from '../../../src/steps/outcomes/predicted-actual';
import { smallIssue } from '../../fixtures/releases/small-release';

const issue = smallIssue('cart');
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 30, 10, 0, seconds)).toISOString();
const rolledBack: Outcome = {
  ...{ issue_id: issue.issue_id, digest: issue.digest, result: 'rolled_back' },
  ...{ started_at: at(0), ended_at: at(50) },
  reason: { code: 'Breached', text: 'rule memory/load is broken' },
  batches: [
    {
      ...{ batch_id: 1, deployed_at: at(5), observed_until: at(15), hosts: ['h1'] },
      verdicts: { 'memory/load': 'ok' },
    },
    {
      ...{ batch_id: 2, deployed_at: at(20), observed_until: null, hosts: ['h2', 'h3'] },
      verdicts: { 'memory/load': 'breach' },
    },
  ],
  rules: [
    {
      rule_id: 'memory/load',
      predicted: { p50: 5, p99: 6, threshold: 10 },
      actual: { p50: 5, p99: 50, breaches: 1, breached_at: at(30) },
    },
  ],
  risks: [
    {
      type: 'memory_leak',
      predicted: true,
      happened: true,
      mitigation: 'restart',
      mitigated: false,
    },
    { type: 'latency', predicted: true, happened: false },
  ],
  actions: [
    {
      ...{ at: at(40), ended_at: at(44), type: 'rollback', version: 'v1.0.0' },
      ...{ hosts: ['h1', 'h2', 'h3'], result: 'succeeded' },
    },
  ],
};

it('puts each batch, rule, risk and rollback next to what was predicted', () => {
  const found = predictedActual(issue, rolledBack);
  expect(found).toMatchObject({ result: 'rolled_back', seconds: 50, released: 3, calm: 1 });
  expect(found.batches).toEqual([
    expect.objectContaining({ batch_id: 1, hosts: 1, planned: 4, actual: 10, passed: true }),
    // Stopped: it was observed until the end of the release at the most.
    expect.objectContaining({ batch_id: 2, planned: 4, actual: 30, passed: false }),
    expect.objectContaining({ batch_id: 3, hosts: 4, planned: 4, actual: null, passed: false }),
  ]);
  expect(found.batches[1]?.rules).toEqual({ ok: 0, breach: 1, no_data: 0, not_judged: 0 });
  expect(found.rules).toEqual([
    expect.objectContaining({ limit: 10, seen: { p50: 5, p99: 50 }, breached_at: at(30) }),
  ]);
  expect(found.risks.map(({ type }) => type)).toEqual(['memory_leak']);
  expect(found.rollbacks).toEqual([
    { hosts: 3, version: 'v1.0.0', succeeded: true, seconds: 4, text: '' },
  ]);
});
