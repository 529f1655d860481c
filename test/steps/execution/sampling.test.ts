import { createGuard, stateOf, type Event, type State } from '../../../src/guard/guard';
import { addEvent } from '../../../src/guard/state';
import { withoutSamples } from '../../../src/guard/without-samples';
import { executableOf, type ExecutableIssue } from '../../../src/steps/execution/executable-issue';
import {
  lookEvery,
  mayBeLate,
  neverJudged,
  samplingsOf,
  stepOf,
} from '../../../src/steps/execution/sampling';
import { smallIssue } from '../../fixtures/releases/small-release';

const T0 = Date.now();
const RULE = 'memory/load';
const at = (second: number): string => new Date(T0 + second * 1000).toISOString();
const ms = (second: number): number => T0 + second * 1000;

/** Observed for so long; the rule looks back a minute where it is asked to. */
function issueOf(observation: number, expr = 'load'): ExecutableIssue {
  const issue = executableOf(smallIssue('cart', { observation, for: '60s' }));
  issue.steps[1].details.metrics[0]!.rules[0]!.expr = expr;
  return issue;
}
const deployed = (issue: ExecutableIssue, ...events: object[]): State =>
  stateOf([
    {
      ...{ type: 'deploy', at: at(0), batch_id: 1, host_ids: ['h1'], version: 'v1.1.0' },
      digest: issue.digest,
    },
    ...events,
  ]);
const judged = (issue: ExecutableIssue, from: number, to: number, value: number | null = 5) => {
  const samples = [];
  for (let second = from; second <= to; second += 15) samples.push({ at: at(second), value });
  return {
    ...{ type: 'judge', at: at(to), rule_id: RULE, batch_id: 1, samples, digest: issue.digest },
  } as Event;
};
const control = (type: 'pause' | 'continue', second: number) => ({ type, at: at(second) });

it('samples at least every 15 s, and at least three times in a short observation', () => {
  for (const [observation, step] of [
    [3600, 15_000],
    [60, 15_000],
    [20, 5_000],
    [4, 1_000],
    [1, 1_000],
  ] as const) {
    const issue = issueOf(observation);
    expect(stepOf(issue, deployed(issue))).toBe(step);
    expect(lookEvery(issue, deployed(issue))).toBe(2 * step);
  }
});

it('samples nothing until the look-back of a rule lies wholly after the deploy', () => {
  const issue = issueOf(600, 'sum(rate(load[5m]))');
  expect(samplingsOf(issue, deployed(issue), ms(300))).toEqual([]);
  expect(samplingsOf(issue, deployed(issue), ms(329))).toEqual([]);
  expect(samplingsOf(issue, deployed(issue), ms(330))).toMatchObject([
    { rule_id: RULE, from: ms(300), to: ms(330), stepMs: 15_000 },
  ]);
});

it('goes on from the last sample that passed, with enough of them for one judgement', () => {
  const issue = issueOf(600);
  const state = deployed(issue, judged(issue, 0, 120));
  expect(samplingsOf(issue, state, ms(150))[0]?.from).toBe(ms(105));
  // The worker was gone for ten minutes: Prometheus has the samples.
  expect(samplingsOf(issue, state, ms(720))[0]?.from).toBe(ms(120));
});

it('asks for nothing of a pause', () => {
  const issue = issueOf(600);
  const state = deployed(
    issue,
    judged(issue, 0, 120),
    control('pause', 130),
    control('continue', 90_000),
  );
  expect(samplingsOf(issue, state, ms(90_040))[0]?.from).toBe(ms(90_000));
});

it('starts anew after a repair', () => {
  const issue = issueOf(600);
  const high = judged(issue, 0, 120, 50);
  const repair = {
    ...{ type: 'mitigate', at: at(130), ended_at: at(140), action: 'restart' },
    ...{ risk: 'memory_leak', host_ids: ['h1'], digest: issue.digest },
  };
  const state = deployed(issue, high, repair);
  expect(samplingsOf(issue, state, ms(200))[0]?.from).toBe(ms(140));
});

it('waits a minute and a look for late data, then calls a person', () => {
  const issue = issueOf(600);
  const state = deployed(issue, judged(issue, 0, 120));
  expect(mayBeLate(issue, state, RULE, ms(200))).toBe(true);
  expect(mayBeLate(issue, state, RULE, ms(211))).toBe(false);
  const resumed = deployed(
    issue,
    judged(issue, 0, 120),
    control('pause', 130),
    control('continue', 500),
  );
  expect(mayBeLate(issue, resumed, RULE, ms(560))).toBe(true);
});

it('gives a batch up whose rule was not judged throughout long after its time', () => {
  const issue = issueOf(600);
  const gap = deployed(issue, judged(issue, 0, 120), judged(issue, 400, 700));
  expect(neverJudged(issue, gap, ms(700))).toBeUndefined();
  expect(neverJudged(issue, gap, ms(1_600))).toMatchObject({ code: 'NotJudged' });
  const whole = deployed(issue, judged(issue, 0, 700));
  expect(neverJudged(issue, whole, ms(1_600))).toBeUndefined();
});

it('comes to a promotion from looks alone, whatever the step', () => {
  for (const observation of [4, 60, 600]) {
    const issue = issueOf(observation);
    const guard = createGuard(issue);
    let state = deployed(issue);
    let now = ms(0);
    let looks = 0;
    while (guard.next(state, now).do !== 'promote' && looks < 200) {
      now += lookEvery(issue, state);
      looks += 1;
      for (const { rule_id, from, to, stepMs } of samplingsOf(issue, state, now)) {
        const samples = [];
        for (let time = from; time <= to; time += stepMs)
          samples.push({ at: new Date(time).toISOString(), value: 5 });
        addEvent(state, {
          ...{ type: 'judge', at: new Date(now).toISOString(), rule_id, batch_id: 1, samples },
          digest: issue.digest,
        });
        state = withoutSamples(issue, state);
      }
    }
    expect((now - ms(0)) / 1000).toBeGreaterThanOrEqual(observation);
    expect((now - ms(0)) / 1000).toBeLessThanOrEqual(observation + 31);
  }
});
