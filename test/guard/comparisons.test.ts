import { createGuard, stateOf, type Event, type GuardedIssue } from '../../src/guard/guard';
import { withoutSamples } from '../../src/guard/without-samples';
import {
  approve,
  at,
  deploy,
  DIGEST,
  guardedIssue,
  judge,
  passed,
  promote,
  RESTART,
  ROLLBACK,
  samples,
} from './guarded-issue';

const COMPARED = 'memory#relative';
const RELATIVE = '/steps/1/details/metrics/0/rules/0/relative';

/** The rule `memory` with a comparison of batches 1 and 2 with the hosts that are not released. */
function comparedIssue(changes: object = {}): GuardedIssue {
  const issue = guardedIssue();
  const { metrics } = issue.steps[1]?.details as {
    metrics: { rules: Record<string, unknown>[] }[];
  };
  const expr = 'max(memory{host=~"$batch"}[2m]) / max(memory{host=~"$others"}[2m])';
  const batches = [1, 2].map((batch_id) => ({ batch_id, expr }));
  const rule = metrics[0]?.rules[0];
  if (rule === undefined) throw new Error('no rule');
  rule['relative'] = {
    expr,
    host_label: 'host',
    op: '>',
    ratio: 1.5,
    for: '60s',
    batches,
    ...changes,
  };
  return issue;
}
const guard = createGuard(comparedIssue());
const FIRST = [approve(0), deploy(1, 10)];
const verdictOf = (events: Event[], action: object, now: number) =>
  guard.check(stateOf(events), { digest: DIGEST, ...action }, at(now));
const judged = (from: number, to: number, value: number) =>
  judge(COMPARED, 1, to, samples(from, to, value));
const levels = (from: number, to: number): Event[] => [
  judge('memory', 1, to, samples(from, to)),
  judge('traffic', 1, to, samples(from, to)),
];
const broken = [...FIRST, judged(130, 200, 3)];
const restarted: Event = {
  ...{ type: 'mitigate', at: at(210), action: 'restart', risk: 'memory_leak' },
  ...{ host_ids: ['h1'], digest: DIGEST },
};
const promotion = { type: 'promote', batch_id: 1 };

it('judges a comparison by its own ratio, hold time and look-back', () => {
  expect(verdictOf(FIRST, judged(130, 200, 1.4), 200)).toEqual({ allowed: true });
  expect(verdictOf(FIRST, judged(130, 200, 3), 200)).toMatchObject({
    ...{ code: 'Breached', clause: `${RELATIVE}/ratio` },
    message: expect.stringContaining('beyond 1.5 for 60 s') as string,
  });
  // Two minutes of look-back: these samples still hold the old version.
  expect(verdictOf(FIRST, judged(70, 120, 3), 120)).toMatchObject({
    ...{ code: 'NoData', clause: RELATIVE },
  });
  expect(verdictOf(FIRST, judged(130, 200, NaN), 200)).toMatchObject({ code: 'NoData' });
});

it('holds a batch that was broken against the others, and has the answer of the rule', () => {
  const events = [...broken, ...levels(70, 610)];
  expect(verdictOf(events, promotion, 610)).toMatchObject({
    ...{ code: 'Breached', clause: `${RELATIVE}/ratio` },
  });
  expect(guard.next(stateOf(events), at(610))).toMatchObject({
    ...{ do: 'answer', rule_id: COMPARED, answer: RESTART, host_ids: ['h1'] },
  });
  expect(
    verdictOf(broken, { type: 'mitigate', action: 'scale_out', host_ids: ['h1'] }, 210),
  ).toMatchObject({
    ...{ code: 'NoSuchMitigation', clause: '/steps/1/details/metrics/0/rules/0/on_breach' },
  });
  const again = [...broken, restarted, judged(340, 420, 3)];
  expect(guard.next(stateOf(again), at(430))).toMatchObject({ answer: ROLLBACK });
});

it('asks for the comparison again after its repair, and for none that was never broken', () => {
  const whole = [...FIRST, ...levels(70, 610)];
  expect(verdictOf(whole, promotion, 610)).toEqual({ allowed: true });
  // Without data it does not hold the batch; the level of the rule does.
  expect(verdictOf([...whole, judged(130, 600, NaN)], promotion, 610)).toEqual({ allowed: true });
  const repaired = [...broken, restarted, ...levels(70, 610)];
  expect(verdictOf(repaired, promotion, 610)).toMatchObject({
    ...{ code: 'NotJudged', clause: RELATIVE },
  });
  expect(guard.next(stateOf(repaired), at(610))).toMatchObject({
    ...{ do: 'judge', rule_ids: [COMPARED] },
  });
  expect(verdictOf([...repaired, judged(340, 520, 1)], promotion, 610)).toEqual({ allowed: true });
});

it('compares only the batches of the issue, or all where an executor fills in the hosts', () => {
  const last = [approve(0), ...passed(1, 10), ...passed(2, 700), deploy(3, 2600)];
  const third = judge(COMPARED, 3, 2800, samples(2730, 2800, 3));
  expect(verdictOf(last, third, 2800)).toMatchObject({ code: 'NoSuchRule', clause: RELATIVE });
  const all = createGuard(comparedIssue({ batches: undefined }));
  expect(all.check(stateOf(last), third, at(2800))).toMatchObject({ code: 'Breached' });
  // An event of a batch that is not compared changes nothing.
  const done = passed(3, 2600).slice(1);
  const end = [...last, third, ...done];
  expect(guard.next(stateOf(end), at(6300))).toEqual({ do: 'finish' });
});

it('tightens a ratio, and does not loosen one', () => {
  const set = (threshold: number) => ({ type: 'set_threshold', rule_id: COMPARED, threshold });
  expect(verdictOf(FIRST, set(1.2), 20)).toEqual({ allowed: true });
  expect(verdictOf(FIRST, set(2), 20)).toMatchObject({
    ...{ code: 'ThresholdLoosened', clause: `${RELATIVE}/ratio` },
  });
  const tight = [...FIRST, { ...set(1.2), at: at(20), digest: DIGEST } as Event];
  expect(verdictOf(tight, judged(130, 200, 1.4), 200)).toMatchObject({ code: 'Breached' });
});

it('stops nothing by a comparison of a rule that does not gate', () => {
  const issue = comparedIssue();
  const { metrics } = issue.steps[1]?.details as { metrics: { rules: { gates: boolean }[] }[] };
  if (metrics[0]?.rules[0]) metrics[0].rules[0].gates = false;
  const events = [...broken, ...levels(70, 610)];
  expect(createGuard(issue).check(stateOf(events), { ...promote(1, 610) }, at(610))).toEqual({
    allowed: true,
  });
});

it('keeps what comparisons came to when their samples are dropped', () => {
  const small = withoutSamples(comparedIssue(), stateOf(broken));
  expect(guard.next(small, at(300))).toEqual(guard.next(stateOf(broken), at(300)));
});
