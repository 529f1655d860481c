import { renderRelease } from '../../../src/cli/render/release';
import type { ExecutionState } from '../../../src/domain/execution/execution';

const AT = '2026-11-30T10:00:00Z';
const state: ExecutionState = {
  ...{
    phase: 'needs_person',
    issue_id: 'cart-v2-abc-r1',
    digest: 'sha256:1',
    batch: 1,
    batches: 3,
  },
  hosts: {
    h1: { from: 'v1', to: 'v2', state: 'released' },
    h2: { from: 'v1', to: 'v2', state: 'waiting' },
    h3: { from: 'v1', to: 'v2', state: 'waiting' },
  },
  rules: [{ rule_id: 'latency/p99', value: 2.5, at: AT, limit: 1, verdict: 'breach' }],
  reason: { code: 'Breached', text: 'too slow', value: 2.5, limit: 1, source: '/steps/1' },
  events: Array.from({ length: 12 }, (_, at) => ({ at: AT, type: 'note', text: `event ${at}` })),
};

it('shows phase, reason with value and limit, hosts by state, rules and the newest events', () => {
  const text = renderRelease(state);
  expect(text.split('\n').slice(0, 5)).toEqual([
    'needs_person, batch 1 of 3, issue cart-v2-abc-r1',
    'why: Breached: too slow; value 2.5, limit 1; /steps/1',
    'released      h1',
    'waiting       h2, h3',
    'breach        latency/p99: 2.5 (limit 1)',
  ]);
  expect(text).toContain('event 11');
  expect(text).not.toContain('event 3');
});

it('shows a release whose issue has not arrived', () => {
  const empty = {
    ...state,
    phase: 'waiting_issue',
    issue_id: null,
    hosts: {},
    rules: [],
    events: [],
  };
  expect(
    renderRelease({ ...empty, batch: 0, batches: 0, reason: undefined } as ExecutionState),
  ).toBe('waiting_issue, batch 0 of 0');
});
