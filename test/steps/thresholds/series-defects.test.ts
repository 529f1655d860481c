import { duplicatesIn, mixedUnitsIn } from '../../../src/steps/thresholds/series-defects';

const value = (labels: Record<string, string>, of = 1) => ({ labels, value: of });
const summed = { form: 'rate', aggregate: 'sum' } as const;

describe('duplicatesIn', () => {
  const twice = [value({ pod: 'a', job: 'x' }), value({ pod: 'a', job: 'y' })];

  it('names a series that two collectors report where the sum would count it twice', () => {
    expect(duplicatesIn(twice, summed)).toBe('{pod="a"}');
    expect(duplicatesIn(twice, { ...summed, aggregate: 'max' })).toBeUndefined();
    expect(duplicatesIn(twice, { ...summed, form: 'quantile' })).toBeUndefined();
  });

  it('finds none where a label of their own tells the series apart', () => {
    expect(duplicatesIn([value({ pod: 'a' }), value({ pod: 'b' })], summed)).toBeUndefined();
  });
});

describe('mixedUnitsIn', () => {
  const seconds = { form: 'value', unit: 'seconds', op: '>' } as const;
  const readings = (...values: number[]) =>
    values.map((one, index) => value({ i: `${index}` }, one));

  it('finds hosts that report milliseconds among hosts that report seconds', () => {
    expect(mixedUnitsIn(readings(0.2, 0.3, 250), [], seconds)).toContain('1000 times');
    expect(mixedUnitsIn(readings(0.2, 0.3, 0.9), [], seconds)).toBeUndefined();
    expect(mixedUnitsIn(readings(0.2, 0.3, 25), [], seconds)).toBeUndefined();
  });

  it('finds a share in percent', () => {
    const ratio = { form: 'ratio', unit: 'ratio', op: '>' } as const;
    const at = (one: number) => ({ at: 0, value: one });
    expect(mixedUnitsIn([], [at(40), at(50)], ratio)).toContain('percent');
    expect(mixedUnitsIn([], [at(0.4), at(0.5), at(2)], ratio)).toBeUndefined();
  });
});
