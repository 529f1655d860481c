import { isMeantFor, withinRuleLimit } from '../../../src/steps/metric-analysis/measured-rule';
import { measured } from '../../fixtures/measured-rules';
import { history, level } from '../../fixtures/metric-facts';

describe('withinRuleLimit', () => {
  it('keeps the most important candidates of each group', () => {
    const names = Array.from({ length: 50 }, (_, index) => `m${index}`);
    const groups = ['A', 'B'].map((name) => ({ name, candidates: names, watches: [] }));
    const kept = withinRuleLimit(groups).map(({ candidates }) => candidates);
    expect(kept).toEqual([names.slice(0, 30), names.slice(0, 30)]);
  });
});

describe('isMeantFor', () => {
  const errors = { level: level({ form: 'errors' }), expr: '', watched: '' };

  it('drops a form whose label or limit a live metric does not have, but never an absent metric', () => {
    const empty = { form: errors, history: history([]) };
    expect(isMeantFor(measured(empty))).toBe(false);
    expect(isMeantFor(measured({ ...empty, freshSeries: 0 }))).toBe(true);
    expect(isMeantFor(measured({ ...empty, refused: 'x' }))).toBe(true);
    expect(isMeantFor(measured({ history: history([]) }))).toBe(true);
  });
});
