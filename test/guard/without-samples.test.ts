import fc from 'fast-check';
import { createGuard, stateOf, type Event, type State } from '../../src/guard/guard';
import { addEvent } from '../../src/guard/state';
import { withoutSamples } from '../../src/guard/without-samples';
import { approve, at, deploy, DIGEST, guardedIssue, judge, passed, samples } from './guarded-issue';

const issue = guardedIssue();
const guard = createGuard(issue);
const control = (type: 'pause' | 'continue', second: number): Event => ({
  ...{ type, at: at(second), digest: DIGEST },
});
const promotion = (batch_id: number) => ({ type: 'promote', batch_id, digest: DIGEST });

/** What happens from one look to the next, half a minute apart. */
const looks = fc.array(
  fc.record({
    memory: fc.constantFrom(5, 5, 5, 5, 50, Number.NaN),
    repair: fc.boolean(),
    pause: fc.constantFrom(false, false, false, true),
  }),
  { minLength: 1, maxLength: 30 },
);

/** The questions whose answers depend on judgements. */
const answersIn = (state: State, second: number) => [
  guard.next(state, at(second)),
  guard.check(state, promotion(1), at(second)),
  guard.check(
    state,
    { ...judge('memory', 1, second, samples(second - 60, second, 50)) },
    at(second),
  ),
  guard.check(
    state,
    { type: 'mitigate', action: 'restart', risk: 'memory_leak', host_ids: ['h1'], digest: DIGEST },
    at(second),
  ),
];

it('answers the same with samples and without them', () => {
  fc.assert(
    fc.property(looks, (script) => {
      const full = stateOf([approve(0), deploy(1, 10)]);
      let small = stateOf([approve(0), deploy(1, 10)]);
      let second = 130;
      for (const { memory, repair, pause } of script) {
        const events: Event[] = [
          judge('memory', 1, second, samples(second - 45, second, memory)),
          judge('traffic', 1, second, samples(second - 45, second, 5)),
        ];
        if (repair)
          events.push({
            ...{ type: 'mitigate', at: at(second), action: 'restart', risk: 'memory_leak' },
            ...{ host_ids: ['h1'], digest: DIGEST },
          });
        if (pause) events.push(control('pause', second), control('continue', second + 20));
        for (const event of events) {
          addEvent(full, event);
          addEvent(small, event);
        }
        small = withoutSamples(issue, small);
        expect(answersIn(small, second + 30)).toEqual(answersIn(full, second + 30));
        second += 30;
      }
      expect(answersIn(small, second + 600)).toEqual(answersIn(full, second + 600));
      expect(small.batches.flatMap(({ judgements }) => judgements)).toEqual([]);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
  );
});

it('keeps nothing of promoted batches, and does not grow with the observation', () => {
  const state = stateOf([approve(0), ...passed(1, 10), deploy(2, 700)]);
  expect(withoutSamples(issue, state).batches[0]).toMatchObject({ judgements: [] });
  const sizes = [10, 110].map((count) => {
    let small = withoutSamples(issue, state);
    for (let look = 1; look <= count; look += 1) {
      const second = 800 + look * 15;
      addEvent(small, judge('memory', 2, second, samples(second - 45, second)));
      small = withoutSamples(issue, small);
    }
    return JSON.stringify(small).length;
  });
  expect(Math.abs((sizes[1] ?? 0) - (sizes[0] ?? 0))).toBeLessThan(20);
});

const judged = (from: number, to: number, value: number | null = 5): Event[] => [
  judge(
    'memory',
    1,
    to,
    samples(from, to, () => value),
  ),
  judge('traffic', 1, to, samples(from, to)),
];

it('does not ask for samples of a pause: a day of it costs nothing', () => {
  const day = 40_000;
  const events = [
    ...[approve(0), deploy(1, 10), ...judged(70, 310)],
    ...[control('pause', 310), control('continue', day)],
  ];
  const early = [...events, ...judged(day, day + 280)];
  expect(guard.check(stateOf(early), promotion(1), at(day + 280))).toMatchObject({
    code: 'ObservationNotOver',
  });
  const whole = [...events, ...judged(day, day + 300)];
  expect(guard.check(stateOf(whole), promotion(1), at(day + 300))).toEqual({ allowed: true });
});

it('observes a rule anew whose data were missing until a person let the release go on', () => {
  const events = [
    ...[approve(0), deploy(1, 10), ...judged(70, 310), ...judged(310, 400, null)],
    ...[control('pause', 401), control('continue', 500)],
  ];
  // 99 s of pause: without the gap, the observation would end at 709.
  const short = [...events, ...judged(560, 1_000)];
  expect(guard.check(stateOf(short), promotion(1), at(1_000))).toMatchObject({ code: 'NotJudged' });
  const whole = [...events, ...judged(560, 1_100)];
  expect(guard.check(stateOf(whole), promotion(1), at(1_100))).toEqual({ allowed: true });
  const nobody = [...events.slice(0, -2), ...judged(560, 1_100)];
  expect(guard.check(stateOf(nobody), promotion(1), at(1_100))).toMatchObject({
    code: 'NotJudged',
  });
});
