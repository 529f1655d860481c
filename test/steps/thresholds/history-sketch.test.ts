import { sketchOf } from '../../../src/steps/thresholds/history-sketch';

const DAY = 86_400;
const window = { from: 0, to: 14 * DAY };
const history = (samples: { at: number; value: number }[]) => ({ samples, stepSeconds: 120 });

it('keeps the lowest and the highest value of every six hours of two weeks', () => {
  const samples = Array.from({ length: 14 * 720 }, (_, i) => ({ at: i * 120, value: i % 180 }));
  const sketch = sketchOf(history(samples), window);
  expect(sketch?.step).toBe('21600s');
  expect(sketch?.low).toHaveLength(56);
  expect(new Set(sketch?.low)).toEqual(new Set([0]));
  expect(new Set(sketch?.high)).toEqual(new Set([179]));
});

it('has no value where the history has none, and never one that is not finite', () => {
  const samples = [
    { at: 0, value: 1.23456 },
    { at: 60, value: NaN },
    { at: 14 * DAY, value: 2 },
  ];
  const sketch = sketchOf(history(samples), window);
  expect(sketch?.low.slice(0, 2)).toEqual([1.235, null]);
  expect(sketch?.high.at(-1)).toBe(2);
});

it('is missing without a value, and for a window without length', () => {
  expect(sketchOf(history([{ at: 1, value: Infinity }]), window)).toBeUndefined();
  expect(sketchOf(history([{ at: 1, value: 1 }]), { from: 5, to: 5 })).toBeUndefined();
});
