import fc from 'fast-check';
import type { ClaimHolder } from '../../../src/domain/release-claim';
import {
  conflictText,
  endsClaim,
  grantsClaim,
  msUntilEnd,
  neighbourConflicts,
  neighboursWithin,
} from '../../../src/steps/claims/claim-conflicts';

const holder = (changes: Partial<ClaimHolder> = {}): ClaimHolder => ({
  service: 's',
  version: 'v1',
  workflow_id: 'release-prep/s/v1',
  phase: 'preparing',
  held_by: 'release-prep/s/v1',
  since: '2026-11-24T20:00:00.000Z',
  until: null,
  ...changes,
});
const other = holder({ version: 'v2', workflow_id: 'release-prep/s/v2' });

it.each([
  ['nobody holds', null, { holder: other }, true],
  ['another version holds', holder(), { holder: other }, false],
  ['the same preparation holds', holder(), { holder: holder() }, true],
  [
    'the same version is being released',
    holder({ phase: 'releasing' }),
    { holder: holder({ workflow_id: 'x' }) },
    true,
  ],
  ['it replaces the holder that it saw', holder(), { holder: other, replace: holder() }, true],
  [
    'somebody else came since',
    holder({ since: 'later' }),
    { holder: other, replace: holder() },
    false,
  ],
] as const)('when %s, a claim is judged', (_name, current, claim, granted) => {
  expect(grantsClaim(current, claim)).toBe(granted);
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
const edges = fc.uniqueArray(
  fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...NAMES)).filter(([x, y]) => x !== y),
  { maxLength: 25, selector: ([x, y]) => x + y },
);
const times = fc.integer({ min: 0, max: 3 }).map((s) => `2026-11-24T20:00:0${s}.000Z`);
const holders = fc.uniqueArray(
  fc.record({
    service: fc.constantFrom(...NAMES),
    phase: fc.constantFrom('preparing' as const, 'releasing' as const),
    since: times,
  }),
  { selector: ({ service }) => service },
);

/** Fewest steps along the edges by trying every path length, as a person would count them on paper. */
function distances(list: [string, string][], up: boolean): Map<string, number> {
  const found = new Map<string, number>();
  let at = new Set(['a']);
  for (let hops = 1; hops <= NAMES.length; hops += 1) {
    const next = new Set<string>();
    for (const [caller, callee] of list) {
      if (up && at.has(callee)) next.add(caller);
      if (!up && at.has(caller)) next.add(callee);
    }
    for (const name of next) if (name !== 'a' && !found.has(name)) found.set(name, hops);
    at = next;
  }
  return found;
}

it('finds the releases in the way on 1,000 random chains, as a brute force search does', () => {
  fc.assert(
    fc.property(
      edges,
      holders,
      fc.integer({ min: 0, max: 4 }),
      times,
      (list, held, hops, since) => {
        const [up, down] = [distances(list, true), distances(list, false)];
        const members = (map: Map<string, number>) =>
          [...map].map(([service, distance]) => ({ service, hops: distance }));
        const near = neighboursWithin({ upstream: members(up), downstream: members(down) }, hops);
        const read = held
          .filter(({ service }) => near.includes(service))
          .map((one) => holder({ ...one, held_by: `release/${one.service}/v1` }));
        const found = neighbourConflicts(read, { service: 'a', since }).map(
          ({ service }) => service,
        );
        const expected = held
          .filter(({ service }) => Math.min(up.get(service) ?? 99, down.get(service) ?? 99) <= hops)
          .filter((one) => one.phase === 'releasing')
          .filter((one) => [one.since, one.service].join() < [since, 'a'].join())
          .map(({ service }) => service);
        expect(found.sort()).toEqual(expected.sort());
      },
    ),
    { numRuns: 1_000 },
  );
});

it('lets exactly one of two neighbours go on that begin at once', () => {
  const since = '2026-11-24T20:00:00.000Z';
  const [a, b] = [
    holder({ service: 'a', phase: 'releasing', since }),
    holder({ service: 'b', phase: 'releasing', since }),
  ];
  expect(neighbourConflicts([b], a)).toHaveLength(0);
  expect(neighbourConflicts([a], b)).toHaveLength(1);
});

it('says who holds, why and until when', () => {
  const [conflict] = neighbourConflicts([
    holder({ phase: 'releasing', until: '2026-11-24T22:00' }),
  ]);
  expect(conflictText(conflict ? [conflict] : [])).toBe(
    's v1, a neighbour on the chain, is being released since 2026-11-24T20:00:00.000Z (held by release-prep/s/v1, until 2026-11-24T22:00)',
  );
});

it.each([
  ['the holder', holder(), { workflow_id: 'release-prep/s/v1' }, true],
  ['somebody else', holder(), { workflow_id: 'release-prep/s/v2' }, false],
  [
    'the run that holds it',
    holder({ run_id: 'r2' }),
    { workflow_id: 'release-prep/s/v1', run_id: 'r2' },
    true,
  ],
  [
    'an earlier run',
    holder({ run_id: 'r2' }),
    { workflow_id: 'release-prep/s/v1', run_id: 'r1' },
    false,
  ],
  [
    'somebody who guesses the name alone',
    holder({ run_id: 'r2' }),
    { workflow_id: 'release-prep/s/v1' },
    false,
  ],
  [
    'an executor, whose run the claim does not know',
    holder({ held_by: 'release/s/v1' }),
    { workflow_id: 'release/s/v1' },
    true,
  ],
])('frees or keeps the claim as %s ends', (_name, current, ended, frees) => {
  expect(endsClaim(current, ended)).toBe(frees);
});

it('gives a claim the time that it has left', () => {
  const now = Date.parse('2026-11-24T20:00:00Z');
  expect(msUntilEnd(null, now)).toBeNull();
  expect(msUntilEnd('2026-11-24T20:01:00Z', now)).toBe(60_000);
  expect(msUntilEnd('2026-11-24T19:00:00Z', now)).toBe(1);
  expect(msUntilEnd('garbage', now)).toBe(1);
  expect(msUntilEnd('9999-01-01T00:00:00Z', now)).toBe(366 * 86_400_000);
});
