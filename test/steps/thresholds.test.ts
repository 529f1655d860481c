import { backtest } from '../../src/steps/backtest';
import { baselineOf, boundedLevel, quantileOf, thresholdOf } from '../../src/steps/thresholds';
import { history, level, wave } from '../fixtures/metric-facts';

describe('backtest', () => {
  const rule = { op: '>' as const, threshold: 10, forSeconds: 180 };

  it('fires only when the condition held without a break', () => {
    const calm = [1, 11, 11, 1, 11, 11, 1, 1, 1];
    expect(backtest(history(calm), rule)).toEqual({ windows: 3, fired: 0 });
    expect(backtest(history([1, 11, 11, 11, 11, 1]), rule).fired).toBe(1);
  });

  it('counts each window of a long breach', () => {
    expect(backtest(history(Array<number>(12).fill(11)), rule)).toEqual({ windows: 4, fired: 3 });
  });

  it('lets NaN and gaps end a breach', () => {
    expect(backtest(history([11, 11, 11, NaN, 11, 11, 11]), rule).fired).toBe(0);
    const gap = history([11, 11, 11, 11]);
    const samples = gap.samples.map((one, index) => ({ ...one, at: one.at + index * 60 }));
    expect(backtest({ ...gap, samples }, rule).fired).toBe(0);
  });

  it('takes one point for enough when the hold time is shorter than the grid', () => {
    expect(backtest(history([1, 11, 1]), { ...rule, forSeconds: 30 }).fired).toBe(1);
  });
});

describe('baselineOf', () => {
  it('interpolates as PromQL does and skips NaN and infinities', () => {
    expect(quantileOf([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(baselineOf(history([NaN, 1, 2, Infinity, 3, -Infinity]))).toMatchObject({
      samples: 3,
      p50: 2,
      max: 3,
    });
    expect(baselineOf(history([]))).toMatchObject({ samples: 0, p50: null, max: null });
  });
});

describe('thresholdOf', () => {
  it('lies above how the system runs and stays silent on it', () => {
    const found = thresholdOf(history(wave(1000, 50, 10)), level({ default: 5 }));
    expect(found?.threshold).toBeGreaterThan(60);
    expect(found).toMatchObject({ source: 'history', for: '300s', backtest: { fired: 0 } });
  });

  it('never leaves the bounds of the knowledge base, and says so', () => {
    const history1 = history(wave(1000, 50, 10));
    expect(thresholdOf(history1, level({ max: 40 }))).toMatchObject({
      threshold: 40,
      source: 'knowledge:general',
    });
    expect(thresholdOf(history1, level({ min: 500 }))).toMatchObject({ threshold: 500 });
  });

  it('takes the default of the knowledge base without enough history', () => {
    const short = history([1, 2, 3]);
    expect(thresholdOf(short, level({ default: 7 }))).toMatchObject({
      threshold: 7,
      source: 'knowledge:general',
    });
    expect(thresholdOf(short, level({ default: null }))).toBeUndefined();
  });

  it('takes the default where nothing ever happened: one event is not yet a fault', () => {
    const flat = history(Array<number>(500).fill(0));
    expect(thresholdOf(flat, level({ default: 0.01 }))?.threshold).toBe(0.01);
  });

  it('is not moved by a single spike, nor by NaN', () => {
    const values = wave(1000, 50, 10);
    const before = thresholdOf(history(values), level())?.threshold;
    values[500] = 1e9;
    values[501] = NaN;
    expect(thresholdOf(history(values), level())?.threshold).toBe(before);
  });

  it('rises or holds longer while it would have fired in calm times', () => {
    const values = wave(3000, 50, 1);
    for (let index = 1000; index < 1012; index += 1) values[index] = 75;
    const found = thresholdOf(history(values), level());
    expect(found?.backtest.fired).toBe(0);
    const tight = thresholdOf(history(values), level({ max: 60 }));
    expect([tight?.threshold, tight?.for, tight?.backtest.fired]).toEqual([60, '900s', 0]);
  });

  it('does not rise to the height of a past outage', () => {
    const values = wave(3000, 50, 1);
    values.fill(5000, 1000, 1029);
    const found = thresholdOf(history(values), level());
    expect(found?.threshold).toBeLessThan(200);
    expect(found?.backtest.fired).toBeGreaterThan(0);
  });

  it('sets a level below calm traffic for what must not fall', () => {
    const found = thresholdOf(history(wave(1000, 50, 10)), level({ op: '<', default: 1 }));
    expect(found?.threshold).toBeLessThan(40);
    expect(found?.threshold).toBeGreaterThan(20);
    expect(found?.backtest.fired).toBe(0);
  });
});

describe('boundedLevel', () => {
  it('rounds inside the bounds', () => {
    expect(boundedLevel(9e9, { op: '>', max: 1_073_741_824 })).toBe(1_000_000_000);
    expect(boundedLevel(1, { op: '>', min: 1_073_741_824 })).toBe(1_100_000_000);
  });
});
