import { backtest } from '../../../src/steps/thresholds/backtest';
import { history } from '../../fixtures/metric-facts';

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
