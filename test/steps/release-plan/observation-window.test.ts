import fc from 'fast-check';
import {
  requestsToTell,
  requestsWithin,
  secondsUntil,
  tail,
} from '../../../src/steps/release-plan/observation-window';

const steady = (rate: number) => Array.from({ length: 168 }, () => rate);
/** 2026-11-23 00:00 UTC was a Monday. */
const MONDAY = Date.UTC(2026, 10, 23) / 1000;

it('needs 667 requests to tell 1 % from 0.1 % at alpha 1 % and power 90 %', () => {
  expect(requestsToTell(0.001, 0.01)).toBe(667);
});

/** Every n from 1 on, with the smallest critical count that keeps alpha. */
function bruteForce(calm: number, faulty: number): number {
  let critical = 0;
  for (let n = 1; ; n += 1) {
    while (tail(n, calm, critical) > 0.01) critical += 1;
    if (critical <= n && tail(n, faulty, critical) >= 0.9) return n;
  }
}

it('agrees with a search over every number of requests', () => {
  const shares = fc.record({
    calm: fc.double({ min: 0, max: 0.05, noNaN: true }),
    more: fc.double({ min: 0.02, max: 0.3, noNaN: true }),
  });
  fc.assert(
    fc.property(shares, ({ calm, more }) => {
      expect(requestsToTell(calm, calm + more)).toBe(bruteForce(calm, calm + more));
    }),
    { numRuns: 100 },
  );
});

it.each([
  ['equal shares', 0.01, 0.01],
  ['a fault below the baseline', 0.05, 0.01],
  ['shares that hardly differ', 0.01, 0.0101],
  ['nothing to tell', 0, 0],
])('cannot tell %s', (_name, calm, faulty) => {
  expect(requestsToTell(calm, faulty)).toBe(Infinity);
});

it('sums the exact binomial tail', () => {
  // 10 tosses of a fair coin: 7 or more heads in 176 of 1,024.
  expect(tail(10, 0.5, 7)).toBeCloseTo(176 / 1024, 12);
  expect(tail(5, 0, 1)).toBe(0);
  expect(tail(5, 0.3, 0)).toBe(1);
});

it('takes longer the less traffic there is', () => {
  const seconds = [100, 10, 1, 0.5].map((rate) => secondsUntil(667, steady(rate), 1, MONDAY, 1e9));
  expect(seconds).toEqual([7, 67, 667, 1334]);
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 1e4, noNaN: true }),
      fc.double({ min: 1, max: 10, noNaN: true }),
      (rate, times) => {
        const slow = secondsUntil(667, steady(rate), 1, MONDAY, 1e9);
        expect(secondsUntil(667, steady(rate * times), 1, MONDAY, 1e9)).toBeLessThanOrEqual(slow);
      },
    ),
  );
});

it('counts the peaks and troughs of the week at their own hour', () => {
  const nights = Array.from({ length: 168 }, (_, hour) => (hour % 24 < 6 ? 0 : 1));
  expect(secondsUntil(100, nights, 1, MONDAY, 1e6)).toBe(6 * 3600 + 100);
  expect(requestsWithin(nights, 0.5, MONDAY + 5 * 3600, 2 * 3600)).toBe(1800);
  const sunday = Array.from({ length: 168 }, (_, hour) => (hour >= 144 ? 5 : 0));
  expect(requestsWithin(sunday, 1, MONDAY + 6 * 86_400, 10)).toBe(50);
});

it('gives up at the limit', () => {
  expect(secondsUntil(667, steady(0.001), 1, MONDAY, 14_400)).toBe(Infinity);
  expect(secondsUntil(1, steady(0), 1, MONDAY, 14_400)).toBe(Infinity);
});
