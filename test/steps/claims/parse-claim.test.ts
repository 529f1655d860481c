import fc from 'fast-check';
import { parseClaim, parseEnd, parseRelease } from '../../../src/steps/claims/parse-claim';
import { parseGateRequest, readEntries } from '../../../src/steps/claims/parse-gate-request';
import { parseRetry } from '../../../src/steps/run/parse-retry-step';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const holder = {
  service: 'cart',
  version: 'v1',
  workflow_id: 'release-prep/cart/v1',
  phase: 'preparing',
  held_by: 'release-prep/cart/v1',
  until: null,
};
const problemOf = (parsed: { ok: boolean; problem?: string }) => parsed.problem;

describe('claim', () => {
  it('is taken with and without a run id and a holder to replace; other fields are left out', () => {
    expect(parseClaim({ holder }, NOW)).toEqual({ ok: true, value: { holder } });
    const replace = { workflow_id: 'release-prep/cart/v0', since: '2026-11-29T11:00:00.000Z' };
    const whole = {
      holder: { ...holder, run_id: 'r1' },
      replace: { ...replace, phase: 'x' },
      more: 1,
    };
    expect(parseClaim(whole, NOW)).toEqual({
      ok: true,
      value: { holder: { ...holder, run_id: 'r1' }, replace },
    });
  });

  it.each([
    ['no holder', {}, 'holder is not usable: it must be an object'],
    ['a phase of its own', { holder: { ...holder, phase: 'done' } }, 'phase must be one of'],
    [
      'an end that is no time',
      { holder: { ...holder, until: 'garbage' } },
      'until must be null or',
    ],
    ['an end far away', { holder: { ...holder, until: '9999-01-01T00:00:00Z' } }, '366 days'],
    ['no end at all', { holder: { ...holder, until: undefined } }, 'until must be'],
    ['a huge name', { holder: { ...holder, service: 'x'.repeat(1e6) } }, 'service must be a text'],
    ['a replaced holder without a time', { holder, replace: { workflow_id: 'x' } }, 'since must'],
  ])('is refused with %s', (_name, input, problem) => {
    expect(problemOf(parseClaim(input, NOW))).toContain(problem);
  });
});

it.each([undefined, null, 'x', 5, [], {}, { workflow_id: null }, { workflow_id: ['x'] }])(
  'refuses an end of %j',
  (input) => expect(parseEnd(input).ok).toBe(false),
);

it('takes the end that the contract fixes, and one that names the run', () => {
  expect(parseEnd({ workflow_id: 'release/cart/v1' })).toEqual({
    ok: true,
    value: { workflow_id: 'release/cart/v1' },
  });
  expect(parseEnd({ workflow_id: 'w', run_id: 'r' })).toEqual({
    ok: true,
    value: { workflow_id: 'w', run_id: 'r' },
  });
});

it('frees a claim only with a name and a reason', () => {
  expect(parseRelease({ by: 'alice', reason: 'the executor is gone' }).ok).toBe(true);
  expect(problemOf(parseRelease({ by: 'alice' }))).toContain('reason must be');
  expect(problemOf(parseRelease({ reason: 'x' }))).toContain('by must be');
});

it('reads what asks the gate, and drops entries of a start that are none', () => {
  const entry = { workflow_id: 'release-prep/cart/v1', run_id: 'r1' };
  expect(parseGateRequest({ entry, limit: 3, ended: [entry] }).ok).toBe(true);
  expect(problemOf(parseGateRequest({ entry, limit: 0.5, ended: 'none' }))).toBe(
    'limit must be a whole number from 1 to 10000; ended must be a list of at most 10000',
  );
  expect(readEntries([entry, null, { workflow_id: 5 }, 'x'])).toEqual([entry]);
  expect(readEntries('garbage')).toEqual([]);
  expect(readEntries(undefined)).toEqual([]);
});

it('takes a retry of everything and of one step', () => {
  expect([undefined, null, {}, { step: null }].map((one) => parseRetry(one).ok)).not.toContain(
    false,
  );
  expect(parseRetry({ step: 'MetricAnalysis' })).toEqual({
    ok: true,
    value: { step: 'MetricAnalysis' },
  });
  expect(
    ['x', 5, [], { step: 5 }, { step: 'x'.repeat(101) }].map((one) => parseRetry(one).ok),
  ).not.toContain(true);
});

it('never throws, whatever is sent', () => {
  fc.assert(
    fc.property(fc.anything(), (input) => {
      for (const parse of [parseEnd, parseRelease, parseGateRequest, parseRetry]) parse(input);
      parseClaim(input, NOW);
      parseClaim({ holder: input, replace: input }, NOW);
      readEntries(input);
    }),
  );
});
