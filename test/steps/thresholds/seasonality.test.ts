import { inSameHours, movedTo, seasonOf } from '../../../src/steps/thresholds/seasonality';

const DAY = 86_400;
const STEP = 300;
/** High at noon, low at midnight, with a little noise that repeats every 7 points. */
const daily = (days: number) =>
  Array.from({ length: (days * DAY) / STEP + 1 }, (_, index) => {
    const at = index * STEP;
    return { at, value: 100 - 50 * Math.cos((2 * Math.PI * at) / DAY) + (index % 7) / 10 };
  });
const noon = { from: 12 * 3600, to: 13 * 3600 };

describe('seasonOf', () => {
  it('finds a daily cycle in four days, and none in two', () => {
    expect(seasonOf(daily(4)).kind).toBe('day');
    expect(seasonOf(daily(2)).kind).toBe('none');
  });

  it('finds none in a constant', () => {
    expect(seasonOf(daily(4).map(({ at }) => ({ at, value: 1 }))).kind).toBe('none');
  });
});

it('moves the whole history to the hours of the release', () => {
  const moved = movedTo(daily(4), seasonOf(daily(4)), noon, '>');
  const values = moved.map(({ value }) => value);
  expect(Math.min(...values)).toBeGreaterThan(120);
  expect(Math.max(...values)).toBeLessThan(180);
});

it('takes the same hours of every day', () => {
  const season = seasonOf(daily(4));
  expect(inSameHours(season, 3 * DAY + 12.5 * 3600, noon)).toBe(true);
  expect(inSameHours(season, 3 * DAY + 14 * 3600, noon)).toBe(false);
});
