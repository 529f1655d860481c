import { renderMetrics } from '../../../src/cli/render/metrics';
import { sparkLine, sparksOf } from '../../../src/cli/render/layout/sparks';
import type { MetricAnalysis, Rule } from '../../../src/domain/metrics';

const rule: Rule = {
  candidate: 'queue_depth',
  expr: 'sum(queue_depth)',
  op: '>',
  threshold: 20,
  unit: 'count',
  for: '300s',
  severity: 'high',
  baseline: { window: { from: '', to: '' }, samples: 9, p50: 1, p95: 2, p99: 3, max: 4 },
  backtest: { windows: 100, fired: 2 },
  judgeable: 'weak',
  defect: 'gaps',
  remedy: '30% of the history is missing: check the scrape',
  source: 'history',
};
const result = (backtest?: MetricAnalysis['details']['backtest']): MetricAnalysis => ({
  step_name: 'MetricAnalysis',
  status: 'warning',
  summary: '1 group metrics identified with thresholds',
  details: {
    metrics: [
      {
        name: 'Queue',
        candidates: ['queue_depth'],
        thresholds: ['20'],
        rules: [rule],
        watches: [],
      },
    ],
    service: 'shop',
    scope: { kind: 'label', label: 'service', value: 'shop' },
    catalogue_size: 12,
    ...(backtest && { backtest }),
    reasoning: { mode: 'knowledge' },
  },
  timestamp: '2026-01-01T00:00:00Z',
});

describe('sparkLine', () => {
  it('draws from the lowest to the highest, and a dot where nothing was', () => {
    expect(sparkLine([0, 1, null, 7])).toBe('▁▂·█');
    expect(sparkLine([5, 5])).toBe('▁▁');
    expect(sparkLine([])).toBe('');
  });

  it('shows the values of a history that are nearest to the threshold, and nothing without one', () => {
    const low = Array.from({ length: 56 }, (): number => 0);
    const high = low.map((_, i) => (i === 55 ? 9 : 1));
    expect(sparksOf({ op: '>', history: { step: '1s', low, high } })).toBe(`${'▁'.repeat(23)}█`);
    expect(sparksOf({ op: '<', history: { step: '1s', low, high } })).toBe('▁'.repeat(24));
    expect(sparksOf({ op: '<' })).toBe('');
  });
});

describe('renderMetrics', () => {
  it('shows level, history, verdict and remedy of each rule', () => {
    const text = renderMetrics(result(), []);
    for (const part of [
      'Queue',
      '> 20',
      '5 min',
      'sum(queue_depth)',
      '2/100',
      'weak',
      '30% of the history',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('No history is long enough');
  });

  it('says what around the service is not watched', () => {
    const around = result();
    around.details.unwatched = ['cart: no metric has it in service'];
    expect(renderMetrics(around, [])).toContain('not watched: cart: no metric has it');
  });

  it('shows how often the plan as a whole would stop a calm release', () => {
    const plan = {
      ...{ release: '6000s', releases: 200, stopped: 3, false_stop_rate: 0.015 },
      ...{ advisory: 1, anomalies: [] },
    };
    expect(renderMetrics(result(plan), [])).toContain(
      'All rules together would have stopped 3 of 200 calm releases of 1 h 40 min (1.5 %, at most 5 %)',
    );
  });
});
