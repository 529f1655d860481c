import { hostLabelOf, isOfHost, bareHost } from '../../../src/steps/metrics/host-labels';
import { parses } from '../../../src/steps/rules/promql';
import { filledFor, isBlunt, relativeTemplate } from '../../../src/steps/rules/canary-ratio';
import { level } from '../../fixtures/metric-facts';

const hosts = [
  { host_id: 'web-1', host_ip: '10.0.0.1' },
  { host_id: 'web-2', host_ip: '10.0.0.2' },
  { host_id: 'web-3', host_ip: '10.0.0.3' },
];
const series = ['10.0.0.1:9100', '10.0.0.2:9100', '10.0.0.3:9100'].map((instance) => ({
  instance,
  job: 'web',
  pod: 'web-abc',
}));

describe('hostLabelOf', () => {
  it('finds the label whose values are the hosts, by id, address or full name', () => {
    expect(hostLabelOf(series, hosts)?.label).toBe('instance');
    const named = hosts.map(({ host_id }) => ({ instance: 'x:1', vm: `${host_id}.example.com` }));
    expect(hostLabelOf(named, hosts)).toMatchObject({ label: 'vm' });
  });

  it('takes the usual label that tells series apart when no host is known', () => {
    expect(hostLabelOf(series, [])?.label).toBe('instance');
    expect(hostLabelOf([{ job: 'a' }], [])).toBeUndefined();
  });

  it.each([
    ['web-1', true],
    ['WEB-1:8080', true],
    ['web-1.example.com:80', true],
    ['http://10.0.0.1:9100/metrics', true],
    ['web-10:8080', false],
    ['10.0.0.11:80', false],
  ])('takes %s for web-1: %s', (value, is) => {
    expect(isOfHost(value, { host_id: 'web-1', host_ip: '10.0.0.1' })).toBe(is);
  });

  it('reads addresses of version 6', () => {
    expect(bareHost('[2001:db8::1]:9100')).toBe('2001:db8::1');
    expect(bareHost('2001:db8::1')).toBe('2001:db8::1');
  });
});

describe('relative rules', () => {
  const form = {
    level: level(),
    expr: 'sum(rate(x_total{job="a"}[5m]))',
    watched: 'x_total{job="a"}',
  };

  it('are PromQL before and after the hosts of a batch are put in', () => {
    const template = relativeTemplate(form, 'instance') ?? '';
    expect(parses(template)).toBe(true);
    const [first = '', ...others] = series.map(({ instance }) => instance);
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
    expect(isBlunt(3, '>', 1)).toBe(true);
    expect(isBlunt(1.5, '>', 1)).toBe(false);
    expect(isBlunt(0.4, '<', 1)).toBe(true);
    expect(isBlunt(1, '>', NaN)).toBe(false);
  });
});
