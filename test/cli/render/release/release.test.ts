import { renderRelease } from '../../../../src/cli/render/release/release';
import { liveView } from '../../../../src/cli/watch-release';
import { columnsOf } from '../../../../src/cli/render/terminal-text';
import { textsOf } from '../../../../src/cli/texts/texts';
import type { ExecutionState } from '../../../../src/domain/execution/execution';

const AT = '2026-11-30T10:00:00Z';
const RELEASE = { service: 'cart', version: 'v2' };
const host = (state: 'released' | 'waiting') => ({ from: 'v1', to: 'v2', state });
const state: ExecutionState = {
  ...{ phase: 'needs_person', issue_id: 'cart-v2-abc-r1', digest: 'sha256:1' },
  ...{ batch: 1, batches: 2 },
  plan: [
    { batch_id: 1, hosts: ['h1'], observation_time: '600s', deployed_at: AT },
    { batch_id: 2, hosts: ['h2', 'h3'], observation_time: '1800s' },
  ],
  hosts: { h1: host('released'), h2: host('waiting'), h3: host('waiting') },
  rules: [
    { rule_id: 'memory/used', value: 640e6, at: AT, limit: 8e8, verdict: 'ok', values: [1, 2, 3] },
    { rule_id: 'latency/p99', value: 2.5, at: AT, limit: 1, verdict: 'breach', values: [1, 5] },
  ],
  reason: { code: 'Breached', text: 'too slow', value: 2.5, limit: 1, source: '/steps/1' },
  events: Array.from({ length: 12 }, (_, at) => ({ at: AT, type: 'note', text: `event ${at}` })),
};
const view = (language: 'en' | 'zh', width = 80) => ({ texts: textsOf(language), width });

it('shows where a release is and why, its batches, the worst rule first, and who decides', () => {
  const lines = renderRelease(state, RELEASE, view('en')).split('\n');
  expect(lines.slice(0, 3)).toEqual([
    'cart v2: needs a person, batch 1 of 2',
    'cart-v2-abc-r1',
    'why: Breached: too slow; value 2.5, limit 1; /steps/1',
  ]);
  const text = lines.join('\n');
  expect(text).toMatch(/^1 +h1 +released +10 min$/m);
  expect(text).toMatch(/^2 +h2, h3 +waits +30 min$/m);
  expect(text).toMatch(/^latency\/p99 +▁█ +2\.5 +1 +broken$/m);
  expect(text).toMatch(/^memory\/used +▁▅█ +640M +800M +ok$/m);
  expect(text.indexOf('latency/p99')).toBeLessThan(text.indexOf('memory/used'));
  expect(text).toContain("rollout continue 'cart' 'v2'");
  expect(text).toContain('event 11');
  expect(text).not.toContain('event 3');
});

it('leaves rules out where there is no room, and says how many', () => {
  const text = renderRelease(state, RELEASE, view('en'), { rules: 1, events: 2 });
  expect(text).toContain('latency/p99');
  expect(text).not.toContain('memory/used');
  expect(text).toContain('1 more rule');
});

it('says what comes next while a batch is observed, and until when', () => {
  const until = new Date(Date.now() + 90_500).toISOString();
  const observing: ExecutionState = { ...state, phase: 'observing', reason: undefined, until };
  const text = renderRelease(observing, RELEASE, view('en'));
  expect(text.split('\n')[0]).toMatch(
    /^cart v2: observing, batch 1 of 2 until \d\d:\d\d:\d\d \(1 min 3[01] s\)$/,
  );
  expect(text).toContain('then: batch 2 (2 hosts), if no rule is broken');
  const last = renderRelease({ ...observing, batch: 2 }, RELEASE, view('en'));
  expect(last).toContain('then: the end of the release');
});

it.each(['en', 'zh'] as const)('fits 60 columns in %s', (language) => {
  const long = 'cpu/user-service_service_cpu_system_seconds_total_of_all_hosts';
  const wide = { ...state, rules: [{ ...state.rules[0]!, rule_id: long }] };
  for (const line of renderRelease(wide, RELEASE, view(language, 60)).split('\n'))
    expect(columnsOf(line)).toBeLessThanOrEqual(60);
});

it('shows a release whose issue has not arrived', () => {
  const empty: ExecutionState = {
    ...{ phase: 'waiting_issue', issue_id: null, digest: null, batch: 0, batches: 0 },
    ...{ hosts: {}, rules: [], events: [] },
  };
  expect(renderRelease(empty, RELEASE, view('en'))).toBe(
    'cart v2: waits for the issue, batch 0 of 0',
  );
});

it('draws no more lines than the terminal has rows', () => {
  const many = Array.from({ length: 40 }, (_, at) => ({ ...state.rules[0]!, rule_id: `r/${at}` }));
  const room = { texts: textsOf('en'), columns: 80, rows: 24 };
  const text = liveView({ ...state, rules: [...many, state.rules[1]!] }, RELEASE, room);
  expect(text.split('\n').length).toBeLessThan(24);
  expect(text).toContain('latency/p99');
  expect(text).toMatch(/\d+ more rules/);
});
