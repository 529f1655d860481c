/**
 * Failures of other executors, each from a public thread, as what the guard has to do. Where a guard cannot decide, the
 * test that does is named, or why there is none.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { createGuard, stateOf, type Event, type RefusalCode } from '../../src/guard/guard';
import { isPermit, permitFor, type HostAction } from '../../src/guard/permit';
import {
  approve,
  at,
  deploy,
  DIGEST,
  guardedIssue,
  HOSTS,
  judge,
  passed,
  promote,
  samples,
} from './guarded-issue';

const issue = guardedIssue();
const guard = createGuard(issue);
const OTHER = `sha256:${'b'.repeat(64)}`;
const act = (type: string, second: number, more: object = {}): Event =>
  ({ type, at: at(second), digest: DIGEST, ...more }) as Event;
const deployOf = (batch_id: number) => ({
  ...{ type: 'deploy', batch_id, host_ids: HOSTS[batch_id] ?? [], version: 'v2' },
});
const rollbackOf = (host_ids: string[], version = 'v1') => ({
  type: 'rollback',
  host_ids,
  version,
});
const judgeOf = (rule_id: string, over: unknown, batch_id = 1) => ({
  ...{ type: 'judge', rule_id, batch_id, samples: over },
});

const check = (events: Event[], action: object, second: number) =>
  guard.check(stateOf(events), { digest: DIGEST, ...action }, at(second));
const allows = (events: Event[], action: object, second: number) =>
  expect(check(events, action, second)).toEqual({ allowed: true });
const refuses = (events: Event[], action: object, second: number, code?: RefusalCode) =>
  expect(check(events, action, second)).toMatchObject({ allowed: false, ...(code && { code }) });
const nextIs = (events: Event[], second: number) => guard.next(stateOf(events), at(second)).do;

const APPROVED = [approve(0)];
const FIRST = [...APPROVED, deploy(1, 10)];
const FIRST_DONE = [...APPROVED, ...passed(1, 10)];
const ALL_DONE = [...FIRST_DONE, ...passed(2, 700), ...passed(3, 2600)];
const well = (from: number, to: number, batch = 1) =>
  ['memory', 'traffic'].map((rule) => judge(rule, batch, to, samples(from, to)));
const broken = [...FIRST, judge('memory', 1, 200, samples(70, 200, 50))];
const GOES_ON = [
  deployOf(1),
  deployOf(2),
  deployOf(3),
  { type: 'promote', batch_id: 1 },
  { type: 'continue' },
];
const goesNoFurther = (events: Event[], second: number) => {
  for (const action of GOES_ON) refuses(events, action, second);
  expect(nextIs(events, second)).toBe('nothing');
};
const seconds = (max: number) => fc.integer({ min: 11, max });

/** By the number of the note; a thread is `repository#number`. */
const DECIDED: Record<number, [thread: string, what: string, test: () => void]> = {
  1: [
    'argo-rollouts#1152',
    'abort during a timed pause went on and promoted',
    () => {
      fc.assert(
        fc.property(seconds(2_000), seconds(5_000), (paused, later) => {
          const events = [...FIRST, act('pause', paused), act('abort', paused + 1)];
          goesNoFurther(events, paused + 1 + later);
        }),
      );
    },
  ],
  2: [
    'argo-rollouts#4461',
    'abort was ignored after the full promotion was asked',
    () => {
      const continued = [...FIRST_DONE, act('pause', 620), act('continue', 630), act('abort', 640)];
      goesNoFurther(continued, 700);
      const last = [...FIRST_DONE, ...passed(2, 700), deploy(3, 2600)];
      allows(last, { type: 'abort' }, 2700);
      goesNoFurther([...last, act('abort', 2700)], 9000);
    },
  ],
  3: [
    'argo-rollouts#2929',
    'an aborted rollout began again by itself',
    () => {
      fc.assert(
        fc.property(seconds(80_000), (later) =>
          goesNoFurther([...FIRST, act('abort', 20)], 20 + later),
        ),
      );
    },
  ],
  4: [
    'argo-rollouts#1292',
    'abort with nothing in progress scaled the stable version to 0',
    () => {
      for (const events of [[], APPROVED, [...APPROVED, act('abort', 5)]])
        for (const host of ['h1', 'h7'])
          refuses(events, rollbackOf([host]), 9, 'NothingToRollBack');
    },
  ],
  5: [
    'argo-rollouts#4265',
    'a pause and a full promotion left it half done',
    () => {
      const pauses = fc.array(
        fc.tuple(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 900 })),
        { maxLength: 5 },
      );
      fc.assert(
        fc.property(pauses, (pairs) => {
          const events = [...FIRST];
          let now = 10;
          for (const [running, paused] of pairs) {
            events.push(act('pause', now + running), act('continue', now + running + paused));
            now += running + paused;
          }
          const end = 610 + pairs.reduce((sum, [, paused]) => sum + paused, 0);
          events.push(...well(70, end));
          refuses(events, { type: 'promote', batch_id: 1 }, end - 1, 'ObservationNotOver');
          allows(events, { type: 'promote', batch_id: 1 }, end);
        }),
      );
    },
  ],
  6: [
    'argo-rollouts#3534',
    'a pause used up the progress deadline',
    () => {
      const day = 86_000;
      const events = [...FIRST, ...well(70, 300), act('pause', 300), act('continue', day)];
      allows([...events, ...well(day, day + 310)], { type: 'promote', batch_id: 1 }, day + 310);
      refuses(events.slice(0, -1), { type: 'continue' }, 86_400, 'Expired');
    },
  ],
  7: [
    'flagger#1432',
    'the rollback gate was not asked while waiting for approval',
    () => {
      const waiting: [Event[], number][] = [
        [FIRST_DONE, 650],
        [[...FIRST, act('pause', 20)], 30],
        [[...FIRST, act('freeze', 15, { until: at(5_000) })], 30],
        [FIRST, 300],
        [broken, 210],
        [FIRST, 90_000],
        [ALL_DONE, 6_300],
      ];
      for (const [events, second] of waiting) {
        allows(events, { type: 'abort' }, second);
        allows(events, rollbackOf(['h1']), second);
      }
      allows([], { type: 'abort' }, 5);
    },
  ],
  8: [
    'flagger#30',
    'a new revision in mid-analysis was simply resumed',
    () => {
      refuses(FIRST, { type: 'promote', batch_id: 1, revision: 2 }, 700, 'WrongRevision');
      const second = createGuard(
        guardedIssue({ revision: 2, digest: OTHER, issue_id: 'cart-v2-abc-r2' }),
      );
      const events = [approve(0, 'Bob', OTHER), ...FIRST, ...well(70, 610)];
      for (const action of [{ type: 'promote', batch_id: 1 }, deployOf(2)])
        expect(second.check(stateOf(events), { ...action, digest: OTHER }, at(700))).toMatchObject({
          code: 'WrongRevision',
        });
    },
  ],
  9: [
    'flagger#1898',
    'a rollback touched what had never changed',
    () => {
      for (const host of ['h2', 'h3', 'h4', 'h7', 'h99'])
        refuses(FIRST_DONE, rollbackOf(['h1', host]), 650, 'HostNotReleased');
    },
  ],
  12: [
    'argo-rollouts#2050',
    'the old version went away before the new one was ready',
    () => {
      const slow = [...APPROVED, { ...deploy(1, 10), ended_at: at(900) }, ...well(70, 900)];
      refuses(slow, deployOf(2), 1_000, 'OutOfOrder');
      refuses(slow, { type: 'promote', batch_id: 1 }, 1_499, 'ObservationNotOver');
    },
  ],
  14: [
    'pipecd PR#5717',
    'a restart forgot deployments that were being rolled back',
    () => {
      const half = [...FIRST_DONE, deploy(2, 700), act('rollback', 800, rollbackOf(['h1', 'h2']))];
      const restarted = JSON.parse(JSON.stringify(half)) as Event[];
      allows(restarted, rollbackOf(['h3']), 900);
      refuses(restarted, rollbackOf(['h1']), 900, 'HostNotReleased');
      refuses(
        [...restarted, act('rollback', 900, rollbackOf(['h3']))],
        rollbackOf(['h3']),
        901,
        'Replayed',
      );
    },
  ],
  16: [
    'orca PR#3341',
    'a rollback chose a wrong server group',
    () => {
      const events = [...FIRST_DONE, ...passed(2, 700), deploy(3, 2600)];
      for (const host of Object.values(HOSTS).flat())
        for (const version of ['v1', 'v0.9', 'v2', 'v0.8'])
          if (version === (host === 'h7' ? 'v0.9' : 'v1'))
            allows(events, rollbackOf([host], version), 2700);
          else refuses(events, rollbackOf([host], version), 2700, 'WrongRollbackTarget');
    },
  ],
  17: [
    'argo-rollouts#3039',
    'a fast rollback went to an aborted revision',
    () => {
      // Only what a host ran at verification is a target, so neither the candidate nor what another release left.
      for (const version of ['v2', 'v1.5-aborted', ''])
        refuses(
          [...FIRST, act('abort', 20)],
          rollbackOf(['h1'], version),
          30,
          'WrongRollbackTarget',
        );
    },
  ],
  18: [
    'harness-core PR#47431',
    'rollback data were read after they were overwritten',
    () => {
      const state = JSON.parse(JSON.stringify(stateOf([...FIRST_DONE, deploy(2, 700)]))) as never;
      const action = { ...rollbackOf(['h1', 'h2', 'h3']), digest: DIGEST };
      expect(guard.check(state, action, at(800))).toEqual({ allowed: true });
      expect(guard.check(state, { ...action, version: 'v2' }, at(800))).toMatchObject({
        code: 'WrongRollbackTarget',
      });
    },
  ],
  19: [
    'orca PR#3329',
    'a failing clean-up rolled a good deploy back',
    () => {
      refuses([...ALL_DONE, act('finish', 6_300)], rollbackOf(['h1']), 6_400, 'Ended');
    },
  ],
  20: [
    'kruise-rollouts#144',
    'a rollback in the last paused batch was taken for a new release',
    () => {
      const paused = [...ALL_DONE, act('pause', 6_250)];
      allows(paused, rollbackOf(['h1', 'h2', 'h3', 'h4', 'h5', 'h6']), 6_300);
      goesNoFurther([...paused, act('rollback', 6_300, rollbackOf(['h1']))], 6_400);
    },
  ],
  22: [
    'nomad#6939',
    'a stable instance came back with the canary version',
    () => {
      for (const host of ['h2', 'h7', 'new'])
        refuses(APPROVED, { ...deployOf(1), host_ids: ['h1', host] }, 9, 'ExtraHost');
    },
  ],
  23: [
    'nomad#10882',
    'a revert ran as a new canary',
    () => {
      const events = [...FIRST_DONE, ...passed(2, 700)];
      allows(events, rollbackOf(['h1', 'h2', 'h3']), 2_600);
      const after = [...events, act('rollback', 2_600, rollbackOf(['h1', 'h2', 'h3']))];
      goesNoFurther(after, 2_700);
      refuses(after, judgeOf('memory', samples(2_660, 2_700)), 2_700, 'Ended');
    },
  ],
  24: [
    'kargo#6372',
    'a second promotion used the analysis of the first',
    () => {
      const foreign = well(70, 610).map((event) => ({ ...event, digest: OTHER }) as Event);
      refuses([...FIRST, ...foreign], { type: 'promote', batch_id: 1 }, 700, 'NotJudged');
      const early = [...FIRST_DONE, deploy(2, 700), ...well(760, 2_500, 1)];
      refuses(early, { type: 'promote', batch_id: 2 }, 2_500, 'NotJudged');
    },
  ],
  26: [
    'argo-rollouts#1107',
    'a restart began the analysis anew',
    () => {
      fc.assert(
        fc.property(fc.nat({ max: ALL_DONE.length }), seconds(7_000), (length, second) => {
          const events = ALL_DONE.slice(0, length);
          const again = JSON.parse(JSON.stringify(events)) as Event[];
          expect(guard.next(stateOf(again), at(second))).toEqual(
            guard.next(stateOf(events), at(second)),
          );
        }),
      );
    },
  ],
  27: [
    'argo-rollouts#4479',
    'successful though every measurement failed',
    () => {
      for (const value of ['NaN', '+Inf', '-Inf', null, 'error'])
        refuses(
          [
            ...FIRST,
            judge(
              'memory',
              1,
              610,
              samples(70, 610, () => value),
            ),
            ...well(70, 610).slice(1),
          ],
          { type: 'promote', batch_id: 1 },
          700,
          'NoData',
        );
    },
  ],
  28: [
    'argo-rollouts#1360',
    'the run ended before a delayed metric began',
    () => {
      for (const one of well(70, 610))
        refuses([...FIRST, one], { type: 'promote', batch_id: 1 }, 700, 'NotJudged');
      refuses([...FIRST, ...well(580, 610)], { type: 'promote', batch_id: 1 }, 700, 'NotJudged');
    },
  ],
  29: [
    'argo-rollouts#1329',
    'a metric that was cut off counted as successful',
    () => {
      refuses([...FIRST, act('abort', 300)], judgeOf('memory', samples(70, 300)), 301, 'Ended');
    },
  ],
  30: [
    'argo-rollouts#3283',
    'the interval drifted from 1 to 10 minutes',
    () => {
      fc.assert(
        fc.property(fc.integer({ min: 61, max: 200 }), (gap) => {
          const over = [...samples(70, 100), ...samples(100 + gap, 160 + gap)];
          refuses(FIRST, judgeOf('memory', over), 160 + gap, 'NoData');
        }),
      );
    },
  ],
  31: [
    'flagger#1098',
    'NaN was read as 0, and empty as an error',
    () => {
      const good = samples(70, 200);
      const bad: unknown[][] = [
        [],
        samples(70, 200, () => 'NaN'),
        samples(70, 200, () => '+Inf'),
        samples(70, 100),
        [...good, ...samples(201, 201, 5, '{b="2"}')],
      ];
      for (const over of bad) refuses(FIRST, judgeOf('traffic', over), 205, 'NoData');
      allows(FIRST, judgeOf('traffic', good), 205);
    },
  ],
  32: [
    'argo-rollouts#178',
    'the rate window still held the old version',
    () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 30 }), (minutes) => {
          const [rule] = (
            issue.steps[1]?.details as { metrics: { rules: object[] }[] }
          ).metrics.flatMap(({ rules }) => rules);
          const of = createGuard(
            guardedIssue({ rules: [{ ...rule, expr: `rate(memory[${minutes}m])` }] }),
          );
          const begin = 10 + minutes * 60;
          const action = (to: number) => ({
            ...judgeOf('memory', samples(11, to)),
            digest: DIGEST,
          });
          expect(of.check(stateOf(FIRST), action(begin - 1), at(begin - 1))).toMatchObject({
            code: 'NoData',
          });
          expect(of.check(stateOf(FIRST), action(begin + 60), at(begin + 60))).toEqual({
            allowed: true,
          });
        }),
      );
    },
  ],
  34: [
    'argo-rollouts#4792',
    'one blip aborted the release',
    () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 8 }), (count) => {
          const value = (second: number) => (second >= 100 && second < 100 + count * 15 ? 50 : 5);
          // `for` is 60 s: five samples in a row are as long.
          const verdict = check(FIRST, judgeOf('memory', samples(70, 250, value)), 250);
          expect(verdict.allowed).toBe(count < 5);
        }),
      );
      const atEnd = samples(70, 190, (second) => (second >= 130 ? 50 : 5));
      refuses(FIRST, judgeOf('memory', atEnd), 190, 'Breached');
    },
  ],
  36: [
    'vroom PR#327',
    'a rollback deployed again downstream',
    () => {
      const after = [...FIRST_DONE, act('rollback', 650, rollbackOf(['h1']))];
      goesNoFurther(after, 700);
      refuses(FIRST, deployOf(1), 20, 'Replayed');
      refuses(
        [
          ...broken,
          act('mitigate', 210, { action: 'restart', risk: 'memory_leak', host_ids: ['h1'] }),
        ],
        { type: 'mitigate', action: 'restart', risk: 'memory_leak', host_ids: ['h1'] },
        220,
        'Replayed',
      );
    },
  ],
  37: [
    'kargo#2365',
    'what was approved before was promoted though no longer wanted',
    () => {
      refuses([approve(0, 'Bob', OTHER)], deployOf(1), 9, 'NotApproved');
      allows([approve(0, 'Bob', OTHER), approve(1)], deployOf(1), 9);
    },
  ],
  38: [
    'hermes-agent#32877',
    'a second way by-passed the approvals',
    () => {
      const wish = { ...deployOf(1), digest: DIGEST } as HostAction;
      expect(isPermit(permitFor(issue, stateOf([]), wish, at(9)))).toBe(false);
      expect(isPermit({ ...permitFor(issue, stateOf(APPROVED), wish, at(9)) })).toBe(false);
      expect(isPermit(permitFor(issue, stateOf(APPROVED), wish, at(9)))).toBe(true);
    },
  ],
};

const EXECUTOR = 'test/integration/executor/release-executor.test.ts';
const FLEET = 'test/steps/execution/fleet.test.ts';
/** A guard sees neither hosts nor deadlines nor other releases. */
const NOT_BY_A_GUARD: Record<number, [thread: string, what: string, file: string, test: string]> = {
  10: [
    'flagger#1588',
    'stuck in promoting, no way back',
    EXECUTOR,
    'rolls back when a deployment fails',
  ],
  11: [
    'argo-rollouts#4128',
    'a crash loop reset the deadline',
    FLEET,
    'takes a host for released when it runs the candidate and is healthy',
  ],
  13: [
    'pipecd#3468',
    'a failed rollback ran for ever',
    EXECUTOR,
    'stops for a person with the hosts named when a rollback fails',
  ],
  15: [
    'pipecd#1134',
    'a cancellation cancelled the rollback',
    EXECUTOR,
    'finishes a rollback when the workflow is cancelled',
  ],
  21: [
    'kruise-rollouts#197',
    'two controllers wrote one status',
    'test/gates/release-gate.test.ts',
    'lets one of many calls at once begin a batch',
  ],
  25: [
    'kargo#7032',
    'a queued promotion superseded one without a verdict',
    'test/integration/workflows/release-lock.test.ts',
    'finds a neighbour that is being released',
  ],
  33: [
    'argo-rollouts#380',
    'the baseline held canary hosts',
    'test/steps/metric-analysis/batch-expressions.test.ts',
    'against those that no batch has released yet',
  ],
  35: [
    'keptn#4147',
    'a failed remediation was shown as success',
    'test/steps/execution/release-outcome.test.ts',
    'says failed and recovered',
  ],
};

it('accounts for all 38 failures', () => {
  const numbers = [...Object.keys(DECIDED), ...Object.keys(NOT_BY_A_GUARD)].map(Number);
  expect(numbers.sort((a, b) => a - b)).toEqual(
    Array.from({ length: 38 }, (_, index) => index + 1),
  );
});

it.each(Object.values(DECIDED))('%s: %s', (_thread, _what, test) => test());

it.each(Object.values(NOT_BY_A_GUARD))('%s: %s (%s)', (_thread, _what, file, test) => {
  expect(readFileSync(path.resolve(__dirname, '../..', file), 'utf8')).toContain(test);
});

it('sees the difference: the actions that it refuses are allowed at the right moment', () => {
  allows(APPROVED, deployOf(1), 9);
  allows(FIRST_DONE, deployOf(2), 650);
  allows([...FIRST, ...well(70, 610)], { type: 'promote', batch_id: 1 }, 610);
  allows([...FIRST, act('pause', 20)], { type: 'continue' }, 30);
  expect(nextIs([...FIRST_DONE, promote(1, 611)], 650)).toBe('deploy');
});
