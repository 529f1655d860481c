import { acceptThresholdProposal } from '../../../src/steps/metric-analysis/threshold-proposal';
import { levelsOf, measured } from '../../fixtures/measured-rules';

describe('acceptThresholdProposal', () => {
  const [rule] = levelsOf(measured()).levelled;
  const accept = (threshold: number, id = 'r1') =>
    acceptThresholdProposal({ rules: [{ id, threshold }] }, rule ? [rule] : [])[0]?.level;

  it('takes a tighter level that stays silent', () => {
    expect(rule?.level.threshold).toBe(63);
    expect(accept(61)).toMatchObject({ threshold: 61, source: 'model', backtest: { fired: 0 } });
  });

  it.each([
    ['looser', 1000],
    ['firing in calm times', 45],
    ['no number', NaN],
    ['endless', -Infinity],
  ])('drops a level that is %s', (_, threshold) => {
    expect(accept(threshold)).toEqual(rule?.level);
  });

  it('drops what is for no rule', () => {
    expect(accept(61, 'r2')).toEqual(rule?.level);
  });
});
