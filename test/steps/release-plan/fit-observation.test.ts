import type { Rule, WatchedGroup } from '../../../src/domain/metrics';
import type { Batch } from '../../../src/domain/release-plan';
import {
  fitObservation,
  type ObservationFacts,
} from '../../../src/steps/release-plan/fit-observation';

const rule = (changes: Partial<Rule> = {}): Rule => ({
  candidate: 'http_requests_total',
  expr: 'sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))',
  op: '>',
  threshold: 0.01,
  unit: 'ratio',
  for: '120s',
  severity: 'high',
  baseline: {
    window: { from: '', to: '' },
    samples: 1000,
    p50: 0.001,
    p95: 0.002,
    p99: 0.003,
    max: 0.004,
  },
  backtest: { windows: 100, fired: 0 },
  judgeable: 'judgeable',
  source: 'history',
  ...changes,
});
const group = (name: string, rules: Rule[]): WatchedGroup => ({
  name,
  candidates: rules.map(({ candidate }) => candidate),
  thresholds: rules.map(() => '1'),
  rules,
  watches: [],
});
const batch = (id: number, hosts: number, observation = '600s'): Batch => ({
  batch_id: id,
  observation_time: observation,
  hosts: Array.from({ length: hosts }, (_, i) => ({ host_id: `h${id}-${i}`, host_ip: '10.0.0.1' })),
  repair_observation_time: '600s',
  reason: 'canary',
});
const facts = (rate: number | null, changes: Partial<ObservationFacts> = {}): ObservationFacts => ({
  groups: [group('Error Rate', [rule()])],
  traffic: rate === null ? null : Array.from({ length: 168 }, () => rate),
  servingHosts: 10,
  startsAt: 1_700_000_000,
  worstSeverity: undefined,
  policy: { max_observation: '14400s', observation_factor: {} },
  ...changes,
});
const fitOne = (given: ObservationFacts) => fitObservation([batch(1, 1)], given)[0];

it('keeps the policy’s time where the traffic tells the thresholds within it', () => {
  expect(fitOne(facts(100))).toMatchObject({
    observation_time: '600s',
    judgement: {
      by: 'metrics',
      requests_needed: 667,
      requests_expected: 6000,
      limited_by: 'policy',
    },
  });
});

it('lengthens the time until the batch’s share of the traffic suffices', () => {
  // A tenth of 5 requests a second: 667 in 1,334 s.
  expect(fitOne(facts(5))).toMatchObject({
    observation_time: '1334s',
    judgement: { by: 'metrics', limited_by: 'traffic', requests_expected: 667 },
  });
});

it('says that 600 s are too short for a service with 0.05 requests/s', () => {
  const fitted = fitOne(facts(0.05, { servingHosts: 1 }));
  expect(fitted?.observation_time).toBe('13340s');
  expect(fitted?.judgement?.reason).toBe(
    '667 requests are needed to distinguish the threshold of http_requests_total from its baseline, about 30 expected in 10 min, so the batch is observed for 3 h 42 min',
  );
});

it('says that a batch cannot be judged by metrics when the cap is too short', () => {
  expect(fitOne(facts(0.05))).toMatchObject({
    observation_time: '14400s',
    judgement: { by: 'blind', limited_by: 'cap', requests_needed: 667, requests_expected: 72 },
  });
  expect(fitOne(facts(0.05))?.judgement?.reason).toMatch(/^cannot be judged by metrics: 667/);
});

it('waits for the slowest gating rule, but not for one that only informs or is blind', () => {
  const slow = (changes: Partial<Rule>) =>
    facts(100, { groups: [group('Error Rate', [rule(), rule({ for: '900s', ...changes })])] });
  expect(fitOne(slow({}))?.observation_time).toBe('960s');
  expect(fitOne(slow({ severity: 'medium' }))?.observation_time).toBe('600s');
  expect(fitOne(slow({ judgeable: 'blind' }))?.observation_time).toBe('600s');
});

it('judges a latency by the requests beyond its quantile', () => {
  const latency = rule({
    candidate: 'http_request_duration_seconds',
    expr: 'histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))',
    unit: 'seconds',
    threshold: 0.5,
  });
  const fitted = fitOne(facts(1, { groups: [group('Latency', [latency])], servingHosts: 1 }));
  expect(fitted?.judgement).toMatchObject({ by: 'metrics', limited_by: 'policy' });
  expect(fitted?.judgement?.requests_needed).toBeLessThan(600);
});

it('multiplies the policy’s time for the worst risk, up to the cap', () => {
  const severe = { max_observation: '1000s', observation_factor: { critical: 2 } };
  expect(fitOne(facts(100, { policy: severe, worstSeverity: 'critical' }))).toMatchObject({
    observation_time: '1000s',
    judgement: { limited_by: 'cap' },
  });
  expect(fitOne(facts(100, { policy: severe, worstSeverity: 'high' }))?.observation_time).toBe(
    '600s',
  );
});

it('proves nothing without traffic or without rules, and says so', () => {
  expect(fitOne(facts(null))?.judgement).toMatchObject({ by: 'weak', requests_expected: null });
  expect(fitOne(facts(100, { groups: [] }))?.judgement).toMatchObject({
    by: 'weak',
    requests_needed: null,
  });
  const tooClose = [group('Error Rate', [rule({ threshold: 0.00101 })])];
  expect(fitOne(facts(100, { groups: tooClose }))?.judgement?.by).toBe('blind');
});

it('counts each batch at its own time, after those before it', () => {
  const quietFirst = Array.from({ length: 168 }, (_, hour) => (hour < 1 ? 0.1 : 100));
  const monday = Date.UTC(2026, 10, 23) / 1000;
  const fitted = fitObservation([batch(1, 1, '3600s'), batch(2, 1)], {
    ...facts(1),
    traffic: quietFirst,
    startsAt: monday,
  });
  expect(fitted[0]?.judgement?.limited_by).toBe('traffic');
  expect(fitted[1]?.judgement?.limited_by).toBe('policy');
});

it('says in the reason of a batch why it is observed longer', () => {
  const reasonOf = (given: ObservationFacts) => fitOne(given)?.reason;
  const slow = facts(100, { groups: [group('Error Rate', [rule({ for: '900s' })])] });
  const severe = { max_observation: '1000s', observation_factor: { critical: 2 } };
  expect(reasonOf(facts(100))).toBe('canary');
  expect(reasonOf(slow)).toBe(
    'canary; observed for 16 min instead of 10 min: the rule on http_requests_total needs 16 min to fire',
  );
  expect(reasonOf(facts(5))).toBe(
    'canary; observed for 22 min 14 s instead of 10 min: the threshold of http_requests_total needs 667 requests',
  );
  expect(reasonOf(facts(100, { policy: severe, worstSeverity: 'critical' }))).toBe(
    'canary; observed for 16 min 40 s instead of 10 min: the worst risk is critical, up to the longest time of the policy',
  );
});

it('does not say that traffic is not measured where only the expected requests are not known', () => {
  const reason = fitOne(facts(null))?.judgement?.reason;
  expect(reason).toBe(
    'the expected requests of the batch are not known, so it is not known whether 10 min is long enough',
  );
});
