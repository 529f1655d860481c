import { baselineOf, quantileOf } from '../../../src/steps/thresholds/baseline';
import { history } from '../../fixtures/metric-facts';

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
