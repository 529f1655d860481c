import { anomaliesOf, joined, outside, shared } from '../../../src/steps/thresholds/anomalies';

const HOUR = 3600;
const grid = (values: number[]) => values.map((value, index) => ({ at: index * 600, value }));
const usual = { middle: 10, reach: 1 };
const calm = (count: number) => Array<number>(count).fill(10);

describe('anomaliesOf', () => {
  it('finds a short, rare and far value', () => {
    const held = grid([...calm(100), 50, 50, ...calm(100)]);
    expect(anomaliesOf(held, usual, '>')).toEqual([{ from: 100 * 600, to: 101 * 600 }]);
    expect(anomaliesOf(held, usual, '<')).toEqual([]);
  });

  it('finds none where far values are usual', () => {
    expect(anomaliesOf(grid([...calm(20), ...Array<number>(20).fill(50)]), usual, '>')).toEqual([]);
  });

  it('takes what happens at the same time of three days for a job', () => {
    const day = [...calm(143), 50];
    expect(anomaliesOf(grid([...day, ...day, ...day, ...day]), usual, '>')).toEqual([]);
  });
});

it('joins periods that overlap or are close', () => {
  const periods = [
    { from: 100, to: 200 },
    { from: 0, to: 50 },
    { from: 150, to: 300 },
  ];
  expect(joined(periods)).toEqual([
    { from: 0, to: 50 },
    { from: 100, to: 300 },
  ]);
  expect(joined(periods, 50)).toEqual([{ from: 0, to: 300 }]);
});

it('finds what several lists have at the same time', () => {
  const lists = [[{ from: 0, to: 10 }], [{ from: 5, to: 20 }], [{ from: 8, to: 9 }]];
  expect(shared(lists, 2)).toEqual([{ from: 5, to: 10 }]);
  expect(shared(lists, 3)).toEqual([{ from: 8, to: 9 }]);
});

it('keeps the samples outside of periods and their margin', () => {
  const samples = [0, HOUR, 2 * HOUR, 3 * HOUR].map((at) => ({ at }));
  const kept = outside(samples, [{ from: 2 * HOUR, to: 2 * HOUR }], HOUR);
  expect(kept.map(({ at }) => at)).toEqual([0]);
});
