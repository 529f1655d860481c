import {
  mergedReasoning,
  metricWarnings,
} from '../../../src/steps/metric-analysis/metric-warnings';
import type { Measured } from '../../../src/steps/metric-analysis/measured-rule';
import { levelsOf, measured, selection, watchedOf } from '../../fixtures/measured-rules';
import { history } from '../../fixtures/metric-facts';

describe('metricWarnings', () => {
  const warningsOf = (...all: Measured[]) =>
    metricWarnings(selection, watchedOf(...all), {
      hosts: 0,
      unseen: true,
      unlevelled: levelsOf(...all).unlevelled,
      backtest: undefined,
    });

  it('warns of nothing when every rule can be judged', () => {
    expect(warningsOf(measured())).toEqual([]);
  });

  it('says that there is nothing to judge by', () => {
    expect(warningsOf()).toMatchObject([{ code: 'NoMetrics' }]);
  });

  it('names blind rules, and says when no metric has a history', () => {
    const gone = measured({ history: history([]), freshSeries: 0 });
    expect(warningsOf(gone).map(({ code }) => code)).toEqual(['NoHistory', 'BlindRule']);
    expect(warningsOf(gone)[1]?.message).toContain('rss is blind: no series');
  });

  it('counts what it does not list', () => {
    const many = Array.from({ length: 30 }, () => measured({ partial: 'x' }));
    expect(warningsOf(...many)).toHaveLength(11);
    expect(warningsOf(...many).at(-1)?.message).toBe('20 more rules are weak');
  });
});

describe('mergedReasoning', () => {
  it('adds up both questions and keeps the reason of a fallback', () => {
    const model = { mode: 'model', model: 'x', calls: 1, tokens: 10 } as const;
    expect(mergedReasoning(model, model)).toEqual({ ...model, calls: 2, tokens: 20 });
    const failed = { mode: 'knowledge', fallback_reason: 'away' } as const;
    expect(mergedReasoning(failed, { mode: 'knowledge' })).toEqual(failed);
    expect(mergedReasoning(model, failed)).toEqual({ ...model, fallback_reason: 'away' });
  });
});
