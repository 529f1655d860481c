import { Freeze } from '../../../src/domain/knowledge/freeze-period';
import { RolloutDocument } from '../../../src/domain/knowledge/rollout-document';
import { completePlan, type CompletionFacts } from '../../../src/steps/release-plan/complete-plan';
import { metricAnalysis, releasePlan } from '../../fixtures/outcomes';

const document = RolloutDocument.parse({
  id: 'default',
  title: 'Default',
  first_batch: 1,
  growth: 2,
  max_share: 0.6,
  max_batches: 12,
  observation: ['600s'],
  repair_observation: ['600s'],
  observation_factor: { critical: 2 },
  max_observation: '14400s',
  max_total_time: '1000s',
  issue_valid_for: '86400s',
  references: ['this test'],
});
const noon = new Date('2026-11-24T12:00:00Z');
const facts = (changes: Partial<CompletionFacts> = {}): CompletionFacts => ({
  groups: [],
  traffic: null,
  risks: [],
  policy: document,
  policies: [document],
  now: noon,
  ...changes,
});
const codes = (changes: Partial<CompletionFacts>) =>
  completePlan({ result: releasePlan, warnings: [] }, facts(changes)).warnings.map(
    ({ code }) => code,
  );

it('keeps a plan that nothing lengthens, and says how it is judged', () => {
  const { result, warnings } = completePlan({ result: releasePlan, warnings: [] }, facts());
  expect(warnings).toEqual([]);
  expect(result.status).toBe('success');
  expect(result.details.gray_strategy.total_time).toBe('600s');
  expect(result.details.gray_strategy.batches[0]?.judgement?.by).toBe('weak');
});

it('takes the worst risk for the observation, and warns of a plan beyond the longest', () => {
  const risks = [{ severity: 'low' as const }, { severity: 'critical' as const }];
  const { result, warnings } = completePlan(
    { result: releasePlan, warnings: [] },
    facts({ risks }),
  );
  expect(result.details.gray_strategy.total_time).toBe('1200s');
  expect(result.status).toBe('warning');
  expect(warnings.map(({ code }) => code)).toEqual(['PlanTooLong']);
});

it('warns of a batch that begins inside a freeze or outside working hours', () => {
  const weekly = { time_zone: 'UTC', days: ['tue' as const], from: '12:05', until: '24:00' };
  const freezes = [Freeze.parse({ id: 'f', owner: 'o', reason: 'r', weekly })];
  const frozen = { ...document, freezes };
  const two = {
    ...releasePlan,
    details: {
      ...releasePlan.details,
      gray_strategy: {
        ...releasePlan.details.gray_strategy,
        batches: [1, 2].map((batch_id) => ({
          ...releasePlan.details.gray_strategy.batches[0]!,
          batch_id,
        })),
      },
    },
  };
  const joined = completePlan(
    { result: two, warnings: [] },
    facts({ policy: frozen, policies: [frozen] }),
  );
  expect(joined.warnings.map(({ code }) => code)).toEqual(['PlanReachesFreeze', 'PlanTooLong']);
  const hours = { time_zone: 'UTC', days: ['mon' as const], from: '09:00', until: '17:00' };
  expect(codes({ policy: { ...document, working_hours: hours } })).toEqual(['OutsideWorkingHours']);
});

it('warns of a batch that metrics cannot judge', () => {
  const traffic = Array.from({ length: 168 }, () => 0.0001);
  const [group] = metricAnalysis.details.metrics;
  const errors = {
    ...group!,
    name: 'Error Rate',
    rules: [
      {
        ...group!.rules[0]!,
        unit: 'ratio' as const,
        threshold: 0.01,
        op: '>' as const,
        baseline: { ...group!.rules[0]!.baseline, p50: 0.001 },
      },
    ],
  };
  expect(codes({ groups: [errors], traffic })).toContain('BatchNotJudgeable');
});
