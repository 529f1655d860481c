import { RuleUnit } from '../../../src/domain/metrics';
import { formatLevel, parseLevel, roundLevel } from '../../../src/steps/thresholds/format-level';

describe('formatLevel', () => {
  it.each([
    [3, 'seconds', '3s'],
    [0.46, 'seconds', '460ms'],
    [0.00032, 'seconds', '320us'],
    [120, 'seconds', '120s'],
    [1e9, 'bytes', '1GB'],
    [470e6, 'bytes', '470MB'],
    [0, 'bytes', '0B'],
    [0.001, 'ratio', '0.1%'],
    [0.9, 'cores', '0.9'],
    [120, 'per_second', '120/s'],
    [12e6, 'bytes_per_second', '12MB/s'],
    [5000, 'count', '5000'],
    [1.2e-7, 'count', '0.00000012'],
  ] as const)('writes %d %s as %s', (value, unit, text) => {
    expect(formatLevel(value, unit)).toBe(text);
  });

  it('reads back as the very number that is compared', () => {
    for (const unit of RuleUnit.options) {
      for (let digits = 1; digits < 100; digits += 1) {
        for (let exponent = -9; exponent <= 13; exponent += 1) {
          const value = roundLevel(digits * 10 ** exponent);
          expect([unit, value, parseLevel(formatLevel(value, unit), unit)]).toEqual([
            unit,
            value,
            value,
          ]);
        }
      }
    }
  });

  it('refuses a text of another unit', () => {
    expect(parseLevel('3GB', 'seconds')).toBeUndefined();
    expect(parseLevel('many', 'count')).toBeUndefined();
  });
});

describe('roundLevel', () => {
  it('keeps 2 significant digits in the direction asked for', () => {
    expect([roundLevel(0.4581, 'up'), roundLevel(0.4581, 'down')]).toEqual([0.46, 0.45]);
    expect(roundLevel(393_139_442)).toBe(390_000_000);
    expect(roundLevel(0.3, 'up')).toBe(0.3);
    expect(roundLevel(-12.5, 'down')).toBe(-13);
    expect(roundLevel(0)).toBe(0);
  });
});
