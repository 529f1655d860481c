import fc from 'fast-check';
import { admit } from '../../../src/steps/claims/gate-admission';

const entry = (name: string, run = `${name}-run`) => ({ workflow_id: name, run_id: run });

it('lets in up to the limit and says who is in when it is full', () => {
  const first = admit([], { entry: entry('a'), limit: 2, ended: [] });
  const second = admit(first.entries, { entry: entry('b'), limit: 2, ended: [] });
  const third = admit(second.entries, { entry: entry('c'), limit: 2, ended: [] });
  expect([first, second, third].map(({ admitted }) => admitted)).toEqual([true, true, false]);
  expect(third.entries).toEqual([entry('a'), entry('b')]);
});

it('gives the place of one that ended to the one that saw it', () => {
  const full = [entry('a'), entry('b')];
  const answer = admit(full, { entry: entry('c'), limit: 2, ended: [entry('a')] });
  expect(answer).toEqual({ admitted: true, entries: [entry('b'), entry('c')] });
});

it('does not take the place of a run that came anew after somebody saw the one before it end', () => {
  const full = [entry('a', 'second'), entry('b')];
  const answer = admit(full, { entry: entry('c'), limit: 2, ended: [entry('a', 'first')] });
  expect(answer.admitted).toBe(false);
});

it('lets a retried or later run of the same workflow keep its place, also when the limit was lowered', () => {
  const full = [entry('a'), entry('b')];
  const answer = admit(full, { entry: entry('a', 'later'), limit: 1, ended: [] });
  expect(answer).toEqual({ admitted: true, entries: [entry('b'), entry('a', 'later')] });
});

it('never holds more than the limit, nor one workflow twice', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.nat(3)), { maxLength: 40 }), (requests) => {
      let entries = [entry('a')];
      for (const [who, run] of requests) {
        ({ entries } = admit(entries, { entry: entry(who, `${run}`), limit: 3, ended: [] }));
        expect(entries.length).toBeLessThanOrEqual(3);
        expect(new Set(entries.map(({ workflow_id }) => workflow_id)).size).toBe(entries.length);
      }
    }),
  );
});
