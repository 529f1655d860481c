import { planAsMarkdown, planAsMermaid } from '../../../src/cli/render/markdown/plan-markdown';
import { renderPlan } from '../../../src/cli/render/plan';
import type { ReleasePlan } from '../../../src/domain/release-plan';
import { planBatches } from '../../../src/steps/release-plan/plan-batches';
import { hostOf, policy } from '../../fixtures/fleets';

const viewOf = (count: number, service = 's') => {
  const hosts = Array.from({ length: count }, (_, i) => hostOf(i, { zone: `z${i % 3}` }));
  const plan = planBatches({ service: 's', targets: hosts, fleet: hosts }, policy());
  const result: ReleasePlan = {
    step_name: 'ReleasePlan',
    status: 'success',
    summary: `${plan.batches.length} batches created`,
    details: {
      gray_strategy: { ...plan, policy: 'default', policy_reason: 'no other policy applies' },
      service,
      reasoning: { mode: 'knowledge' },
    },
    timestamp: '2026-11-24T20:00:00+00:00',
  };
  return { result, warnings: [{ step_name: 'ReleasePlan' as const, code: 'C', message: 'told' }] };
};

it('draws batches, a timeline and what holds of the whole', () => {
  const text = renderPlan(viewOf(7));
  expect(text).toContain('total 1 h 40 min; policy default');
  expect(text).toContain('node-0');
  expect(text).toMatch(/^1 █+$/m);
  expect(text).toMatch(/^3 {20,}█+$/m);
  expect(text).toContain('3 fault domains by zone');
  expect(text).toContain('C: told');
});

it('counts the hosts of a large batch', () => {
  expect(renderPlan(viewOf(100))).toMatch(/… \d+ hosts/);
});

it('draws a gantt chart whose title cannot break it', () => {
  expect(planAsMermaid(viewOf(7, 'a:b\n;c')).split('\n')).toEqual([
    'gantt',
    '  title Gray release of a:b #59;c',
    '  dateFormat X',
    '  axisFormat %H:%M',
    '  batch 1 on 1 host : b1, 0, 600',
    '  batch 2 on 2 hosts : b2, 600, 2400',
    '  batch 3 on 4 hosts : b3, 2400, 6000',
  ]);
});

it('writes Markdown with the chart below the table', () => {
  const text = planAsMarkdown(viewOf(7, 'a|b'));
  expect(text).toContain('## Gray plan of a\\|b');
  expect(text).toContain('| 1 | node-1 | 10 min | 10 min | – | – |');
  expect(text).toContain('```mermaid\ngantt');
});
