import { parses } from '../../../src/steps/rules/promql';
import {
  calmRatio,
  filledFor,
  hidesDoubling,
  relativeTemplate,
} from '../../../src/steps/rules/canary-ratio';
import { level } from '../../fixtures/metric-facts';

describe('relative rules', () => {
  const form = {
    level: level(),
    expr: 'sum(rate(x_total{job="a"}[5m]))',
    watched: 'x_total{job="a"}',
  };

  it('are PromQL before and after the hosts of a batch are put in', () => {
    const template = relativeTemplate(form, 'instance') ?? '';
    expect(parses(template)).toBe(true);
    const [first = '', ...others] = ['10.0.0.1:9100', '10.0.0.2:9100', '10.0.0.3:9100'];
    const expr = filledFor(template, [first], others) ?? '';
    expect(parses(expr)).toBe(true);
    expect(expr).toContain('instance=~"10\\\\.0\\\\.0\\\\.1:9100"');
    expect(expr).toContain('instance=~"10\\\\.0\\\\.0\\\\.2:9100|10\\\\.0\\\\.0\\\\.3:9100"');
    expect(expr).not.toContain('$');
  });

  it('divide a sum by its series, and ask for traffic under a quantile', () => {
    expect(relativeTemplate(form, 'instance')).toContain('/ count(x_total{');
    const quantile = { ...form, level: level({ form: 'quantile' }) };
    expect(relativeTemplate(quantile, 'instance')).toMatch(/and on\(\) \(sum\(rate\(.*> 0\.1\)$/);
    const short = { ...quantile, level: level({ form: 'quantile', window: '6s' }) };
    expect(relativeTemplate(short, 'instance')).toMatch(/\[6s\]\)\) > 0\.1\)$/);
  });

  it('do not divide again what is of one host already', () => {
    const worst = {
      ...form,
      expr: 'max(sum by (instance) (rate(x_total[5m])))',
      worstHost: true as const,
    };
    expect(relativeTemplate(worst, 'instance')).not.toContain('count(');
  });

  it('do not exist without hosts on both sides, nor for a label that is none', () => {
    expect(filledFor('a{b=~"$batch"}', [], ['x'])).toBeUndefined();
    expect(filledFor('a{b=~"$batch"}', ['x'], [])).toBeUndefined();
    expect(relativeTemplate(form, 'no label')).toBeUndefined();
  });

  it('cannot be broken out of by the name of a host', () => {
    const filled = filledFor('a{b=~"$batch"} / a{b=~"$others"}', ['x"} or up{a="'], ['$&\n\\']);
    expect(parses(filled ?? '')).toBe(true);
    expect(filled).toContain('\\"');
  });

  it('are for levels that a doubling or halving would not reach', () => {
    expect(hidesDoubling(3, '>', 1)).toBe(true);
    expect(hidesDoubling(1.5, '>', 1)).toBe(false);
    expect(hidesDoubling(0.4, '<', 1)).toBe(true);
    expect(hidesDoubling(1, '>', NaN)).toBe(false);
  });
});

describe('what a ratio is when all is well', () => {
  it('is its median and the spread of its logarithm', () => {
    const values = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 0.8 : 1.25));
    const calm = calmRatio(values);
    expect(calm?.ratio).toBe(1.25);
    expect(calm?.spread).toBeCloseTo(Math.log(1.25), 2);
  });

  it('is not known from few values, nor from those that are no ratio', () => {
    expect(calmRatio([1, 1, 1])).toBeUndefined();
    expect(calmRatio(Array.from({ length: 100 }, () => NaN))).toBeUndefined();
    expect(calmRatio(Array.from({ length: 100 }, () => 0))).toBeUndefined();
  });
});
