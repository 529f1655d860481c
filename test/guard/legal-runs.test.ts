import fc from 'fast-check';
import { createGuard, stateOf, type Event, type Next } from '../../src/guard/guard';
import { approve, at, DIGEST, guardedIssue, judge, samples, T0 } from './guarded-issue';

const RUNS = Number(process.env['GUARD_RUNS'] ?? 500);
const secondsAt = (time: string): number => Math.round((Date.parse(time) - T0) / 1000);

/** What a lawful executor may meet at each turn; chance decides which. */
type Turn = {
  delay: number;
  pause: number;
  breach: boolean;
  shortBreach: boolean;
  tighten: boolean;
  slowDeploy: number;
  abort: boolean;
};
const turns = fc.array(
  fc.record<Turn>({
    delay: fc.integer({ min: 0, max: 40 }),
    pause: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 900 })),
    breach: fc.boolean(),
    shortBreach: fc.boolean(),
    tighten: fc.boolean(),
    slowDeploy: fc.integer({ min: 0, max: 300 }),
    abort: fc.oneof({ weight: 20, arbitrary: fc.constant(false) }, fc.constant(true)),
  }),
  { minLength: 1, maxLength: 12 },
);

/** Walks a release as the guard's `next` says and the turns allow; every action of it has to be allowed. */
function walk(script: readonly Turn[]): { events: Event[]; refused: unknown[]; last: Next } {
  const guard = createGuard(guardedIssue());
  const events: Event[] = [approve(0)];
  const refused: unknown[] = [];
  let now = 5;
  const act = (action: { type: string; [field: string]: unknown }, ended = now): void => {
    const verdict = guard.check(stateOf(events), { digest: DIGEST, ...action }, at(now));
    // A judge that finds a breach is lawful, and an event too.
    const isFinding = !verdict.allowed && action.type === 'judge' && verdict.code === 'Breached';
    if (!verdict.allowed && !isFinding) refused.push({ action, verdict, now });
    events.push({ at: at(now), ended_at: at(ended), digest: DIGEST, ...action } as Event);
    now = Math.max(now, ended);
  };
  const from = new Map<string, number>();
  for (let step = 0; step < 60; step += 1) {
    const turn = script[step % script.length];
    if (turn === undefined) break;
    now += turn.delay;
    if (guard.next(stateOf(events), at(now)).do === 'nothing') break;
    if (turn.abort && step > 3) {
      act({ type: 'abort' });
      break;
    }
    if (turn.pause > 0) {
      act({ type: 'pause' });
      now += turn.pause;
      act({ type: 'continue' });
    }
    const next = guard.next(stateOf(events), at(now));
    switch (next.do) {
      case 'deploy': {
        const { batch_id, host_ids, version } = next;
        act({ type: 'deploy', batch_id, host_ids, version }, now + turn.slowDeploy);
        for (const id of ['memory', 'traffic', 'idle']) from.set(id, now);
        if (turn.tighten)
          act({ type: 'set_threshold', rule_id: 'memory', threshold: 9 - step / 100 });
        break;
      }
      case 'observe': {
        if (turn.breach) {
          const start = (from.get('memory') ?? now) + 60;
          now = Math.max(now, start + 120);
          const value = (second: number) => (second >= now - 75 ? 50 : 5);
          act({ ...judge('memory', next.batch_id, now, samples(start, now, value)) });
        } else now = Math.max(now, secondsAt(next.until));
        break;
      }
      case 'judge':
        for (const rule_id of next.rule_ids) {
          const start = (from.get(rule_id) ?? now) + 60;
          const blip = start + 60;
          const value = (second: number) =>
            turn.shortBreach && rule_id === 'memory' && second >= blip && second < blip + 40
              ? 50
              : 5;
          act({ ...judge(rule_id, next.batch_id, now, samples(start, now, value)) });
        }
        break;
      case 'answer':
        if (next.answer.action === 'rollback') {
          act({
            type: 'rollback',
            host_ids: next.host_ids.filter((id) => id !== 'h7'),
            version: 'v1',
          });
          if (next.host_ids.includes('h7'))
            act({ type: 'rollback', host_ids: ['h7'], version: 'v0.9' });
        } else {
          const { action, risk } = next.answer;
          act({ type: 'mitigate', action, risk, host_ids: next.host_ids }, now + turn.slowDeploy);
          from.set(next.rule_id, now);
        }
        break;
      case 'promote':
        act({ type: 'promote', batch_id: next.batch_id });
        break;
      case 'finish':
        act({ type: 'finish' });
        break;
      case 'nothing':
      case 'wait':
        return { events, refused, last: next };
    }
  }
  return { events, refused, last: guard.next(stateOf(events), at(now)) };
}

it(`refuses nothing in ${RUNS} random lawful releases (GUARD_RUNS)`, () => {
  const ends = new Map<string, number>();
  fc.assert(
    fc.property(turns, (script) => {
      const { refused, last, events } = walk(script);
      expect(refused).toEqual([]);
      const end = last.do === 'nothing' ? last.reason : last.do;
      ends.set(end, (ends.get(end) ?? 0) + 1);
      // A promotion is never without the whole observation of its batch.
      for (const [index, event] of events.entries())
        if (event.type === 'promote')
          expect(events.slice(0, index).some((one) => one.type === 'judge')).toBe(true);
    }),
    { numRuns: RUNS, seed: 17 },
  );
  // The runs end in different ways: finished, rolled back, aborted.
  expect([...ends.keys()].length).toBeGreaterThanOrEqual(3);
});

it('answers anything at all with a verdict', () => {
  const guard = createGuard(guardedIssue());
  const state = stateOf([approve(0)]);
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), fc.anything(), (action, time) => {
      const verdict = guard.check(state, action, time as string);
      expect(typeof verdict.allowed).toBe('boolean');
    }),
    { numRuns: 1_000 },
  );
});
