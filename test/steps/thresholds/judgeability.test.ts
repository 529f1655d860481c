import { judge, type RuleEvidence } from '../../../src/steps/thresholds/judgeability';
import { history, level } from '../../fixtures/metric-facts';

const calm = history(Array<number>(500).fill(1));
const evidence = (changes: Partial<RuleEvidence> = {}): RuleEvidence => ({
  level: level(),
  history: calm,
  until: calm.samples.at(-1)?.at ?? 0,
  freshSeries: 3,
  backtest: { windows: 100, fired: 0 },
  unscoped: false,
  ...changes,
});
const half = (value: number) => history(Array.from({ length: 500 }, (_, i) => (i % 2 ? value : 1)));
const sparse = { ...calm, samples: calm.samples.filter((_, index) => index % 3 === 0) };

describe('judge', () => {
  it('says how much more history a rule needs, from what is missing and the step of the grid', () => {
    const four = history([1, 1, 1, NaN, 1], 120);
    expect(judge(evidence({ history: four }))).toMatchObject({
      remedy: '4 of 120 samples: about 3 h 52 min more history until this rule can judge',
      judgeable_after: '13920s',
    });
    expect(judge(evidence({ history: four, provisional: true })).remedy).toContain(
      'Until then the level is a tenth of the values seen so far',
    );
  });

  it('calls a rule with fresh, whole, silent history judgeable', () => {
    expect(judge(evidence())).toEqual({ judgeable: 'judgeable' });
  });

  it.each([
    ['absent', evidence({ history: history([]), freshSeries: 0 }), 'no series'],
    ['stale', evidence({ freshSeries: 0 }), 'stale'],
    [
      'a clock',
      evidence({ freshSeries: 0, clockAhead: 600, successor: 'x' }),
      'the clock of Prometheus is 10 min behind',
    ],
    ['without value', evidence({ history: history([]) }), 'no value'],
    ['NaN alone', evidence({ history: history(Array<number>(500).fill(NaN)) }), 'NaN'],
    ['refused', evidence({ refused: 'too many samples' }), 'too many samples'],
  ])('calls a rule blind: %s', (_, facts, remedy) => {
    const verdict = judge(facts);
    expect(verdict.judgeable).toBe('blind');
    expect(verdict.remedy).toContain(remedy);
  });

  it.each([
    ['few samples', evidence({ history: history(Array<number>(50).fill(1)) }), '50 of 120 samples'],
    ['much NaN', evidence({ history: half(NaN) }), '50%'],
    ['gaps', evidence({ history: sparse }), 'of its history is missing'],
    ['fires in calm times', evidence({ backtest: { windows: 9, fired: 2 } }), '2 of 9'],
    ['no scope', evidence({ unscoped: true }), 'this service'],
    ['a level of 0 for a fall', evidence({ neverFires: true }), 'never fires'],
    ['a partial answer', evidence({ partial: 'store x is away' }), 'store x is away'],
  ])('calls a rule weak: %s', (_, facts, remedy) => {
    const verdict = judge(facts);
    expect(verdict.judgeable).toBe('weak');
    expect(verdict.remedy).toContain(remedy);
  });
});
