import { createGuard, stateOf, type Time } from '../../src/guard/guard';
import { approve, at, deploy, DIGEST, guardedIssue, T0 } from './guarded-issue';

const begin: object = {
  ...{ type: 'deploy', batch_id: 1, host_ids: ['h1'], version: 'v2' },
  digest: DIGEST,
};
const check = (now: Time, { action = begin, events = [approve(0)], changes = {} } = {}) =>
  createGuard(guardedIssue(changes)).check(stateOf(events), { digest: DIGEST, ...action }, now);

const NO_TIMES: unknown[] = [
  ...[-Infinity, Infinity, NaN, 'soon', new Date(NaN), undefined, null, [T0]],
];
it.each(NO_TIMES.map((time) => [time as Time]))(
  'begins nothing and goes on with nothing when now is %p',
  (now) => {
    const unknown = { allowed: false, code: 'Expired', clause: '/expires_at' };
    expect(check(now)).toMatchObject(unknown);
    expect(createGuard(guardedIssue()).next(stateOf([approve(0)]), now)).toMatchObject({
      do: 'wait',
    });
    const events = [approve(0), deploy(1, 10)];
    for (const action of [
      { type: 'promote', batch_id: 1 },
      { type: 'set_threshold', rule_id: 'memory', threshold: 9 },
      { type: 'judge', rule_id: 'memory', batch_id: 1, samples: [] },
    ])
      expect(check(now, { action, events })).toMatchObject(unknown);
    // What takes a release back, or stops it, never waits for a clock.
    for (const action of [
      { type: 'rollback', host_ids: ['h1'], version: 'v1' },
      { type: 'pause' },
      { type: 'abort' },
    ])
      expect(check(now, { action, events })).toEqual({ allowed: true });
  },
);

it('begins nothing by a clock that shows a time long before the issue was made', () => {
  const changes = { created_at: at(0) };
  const seconds = T0 / 1000;
  for (const now of [seconds, 0, at(-86_401)])
    expect(check(now, { events: [approve(-1e6)], changes })).toMatchObject({
      ...{ allowed: false, code: 'Frozen', clause: '/created_at' },
    });
  expect(check(at(-60), { events: [approve(-60)], changes })).toEqual({ allowed: true });
});

it('shortens no observation by a pause that ends before it begins, by a clock that went back', () => {
  const pause = { digest: DIGEST, at: at(200), type: 'pause' };
  const back = [approve(0), deploy(1, 10), pause, { ...pause, type: 'continue', at: at(50) }];
  expect(createGuard(guardedIssue()).next(stateOf(back), at(300))).toMatchObject({
    ...{ do: 'observe', until: at(610) },
  });
});

it('does not count an approval that is dated later than now', () => {
  const guard = createGuard(guardedIssue());
  const state = stateOf([approve(100)]);
  expect(guard.check(state, begin, at(99))).toMatchObject({
    ...{ allowed: false, code: 'NotApproved', clause: '/approvals/required' },
  });
  expect(guard.next(state, at(99))).toMatchObject({ do: 'wait', for: 'approval' });
  expect(guard.check(state, begin, at(100))).toEqual({ allowed: true });
  expect(guard.next(state, at(100))).toMatchObject({ do: 'deploy', batch_id: 1 });
});
