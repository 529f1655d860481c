import { parseSeconds } from '../../../src/steps/text/parse-seconds';

it('reads the seconds of a duration', () => {
  expect(parseSeconds('600s')).toBe(600);
  expect(parseSeconds('0s')).toBe(0);
});

it('gives NaN where no number is written', () => {
  expect(parseSeconds('soon')).toBeNaN();
});
