import { historyGrid } from '../../../src/steps/thresholds/history-grid';

const NOW = 1_800_000_123;
const DAY = 86_400;
const gridOf = (series: number, isHistogram = false) => {
  const { window, stepSeconds } = historyGrid(series, isHistogram, NOW);
  return { days: (window.end - window.start) / DAY, stepSeconds };
};

describe('historyGrid', () => {
  it('reads two weeks at two minutes, which is less than the 11,000 points of one request', () => {
    expect(gridOf(1)).toEqual({ days: 14, stepSeconds: 120 });
    expect((14 * DAY) / 120 + 1).toBeLessThan(11_000);
  });

  it('gets coarser, then shorter, as the number of series grows', () => {
    expect(gridOf(4_000)).toEqual({ days: 14, stepSeconds: 300 });
    expect(gridOf(8_000)).toEqual({ days: 7, stepSeconds: 300 });
    expect(gridOf(20_000)).toEqual({ days: 3, stepSeconds: 300 });
    expect(gridOf(1_000_000)).toEqual({ days: 1, stepSeconds: 300 });
    expect(gridOf(4_000, true)).toEqual({ days: 1, stepSeconds: 300 });
  });

  it('ends at a multiple of the step, so that the same points are asked for again', () => {
    expect(historyGrid(1, false, NOW).window.end % 120).toBe(0);
    expect(historyGrid(1, false, NOW).window.end).toBeLessThanOrEqual(NOW);
  });
});
