import fc from 'fast-check';
import { formatDuration } from '../../../src/steps/text/format-duration';

it.each([
  [0, '0 s'],
  [0.0004, '0 ms'],
  [0.25, '250 ms'],
  [0.9996, '1 s'],
  [1, '1 s'],
  [2.5, '2.5 s'],
  [45, '45 s'],
  [59.96, '1 min'],
  [60, '1 min'],
  [90, '1 min 30 s'],
  [960, '16 min'],
  [1_334, '22 min 14 s'],
  [3_599.6, '1 h'],
  [3_600, '1 h'],
  [6_000, '1 h 40 min'],
  [13_200, '3 h 40 min'],
  [13_340, '3 h 42 min'],
  [86_399, '1 d'],
  [86_400, '1 d'],
  [183_600, '2 d 3 h'],
  [604_800, '7 d'],
  [-90, '-1 min 30 s'],
  [NaN, 'an unknown time'],
  [Infinity, 'an unknown time'],
])('writes %d seconds as %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

const SECONDS: Record<string, number> = { ms: 1e-3, s: 1, min: 60, h: 3_600, d: 86_400 };

it('writes at most two units, and is off by half of the smaller one at most', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (seconds) => {
      const words = formatDuration(seconds).split(' ');
      expect(words.length).toBeLessThanOrEqual(4);
      let total = 0;
      for (let at = 0; at < words.length; at += 2) {
        total += Number(words[at]) * (SECONDS[words[at + 1] ?? ''] ?? NaN);
      }
      const tolerance =
        seconds < 1 ? 0.001 : seconds < 60 ? 0.051 : seconds < 3_600 ? 0.51 : 0.021 * seconds;
      expect(Math.abs(total - seconds)).toBeLessThanOrEqual(tolerance);
    }),
  );
});
