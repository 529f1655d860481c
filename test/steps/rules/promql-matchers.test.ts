import fc from 'fast-check';
import { equals, parses } from '../../../src/steps/rules/promql';
import { hostsMatcher } from '../../../src/steps/rules/promql';
import { groupedBy, onHosts, withMatchers } from '../../../src/steps/rules/promql-matchers';

const HOST = 'host="h1"';

describe('withMatchers', () => {
  it.each([
    ['up', 'up{host="h1"}'],
    ['up{}', 'up{host="h1"}'],
    ['up{job="a"}', 'up{host="h1",job="a"}'],
    [
      'sum by (le) (rate(x_bucket{a="1"}[5m]))',
      'sum by (le) (rate(x_bucket{host="h1",a="1"}[5m]))',
    ],
    ['a / (b > 0) or vector(0)', 'a{host="h1"} / (b{host="h1"} > 0) or vector(0)'],
    ['{__name__="a.b"}', '{host="h1",__name__="a.b"}'],
    ['rate(x[5m] offset 1h)', 'rate(x{host="h1"}[5m] offset 1h)'],
    ['time() - up', 'time() - up{host="h1"}'],
    [
      'predict_linear(free{m="/a}b"}[1h], 14400)',
      'predict_linear(free{host="h1",m="/a}b"}[1h], 14400)',
    ],
    ['max_over_time((a + b)[1h:5m])', 'max_over_time((a{host="h1"} + b{host="h1"})[1h:5m])'],
    [
      'label_replace(up, "x", "$1", "up", "(.*)")',
      'label_replace(up{host="h1"}, "x", "$1", "up", "(.*)")',
    ],
    [
      'sum(a) by (up) / on (up) group_left b',
      'sum(a{host="h1"}) by (up) / on (up) group_left b{host="h1"}',
    ],
  ])('restricts every selector of %s', (expr, expected) => {
    expect(withMatchers(expr, [HOST])).toBe(expected);
  });

  it('does not repeat a matcher that stands there already', () => {
    expect(withMatchers('up{ host = "h1" }', [HOST])).toBe('up{ host = "h1" }');
    expect(withMatchers('up', [])).toBe('up');
  });

  it('answers nothing for what is no PromQL, before or after', () => {
    expect(withMatchers('sum(', [HOST])).toBeUndefined();
    expect(withMatchers('up', ['host="'])).toBeUndefined();
    expect(withMatchers('up', ['bad label="x"'])).toBeUndefined();
  });

  it('keeps any label value one value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const scoped = withMatchers('sum(rate(a_total{x="1"}[5m])) / sum(b)', [
          equals('host', value),
        ]);
        return (
          scoped !== undefined &&
          parses(scoped) &&
          withMatchers(scoped, [equals('host', value)]) === scoped
        );
      }),
    );
  });
});

describe('groupedBy', () => {
  it.each([
    ['avg(rate(x[5m]))', 'avg by (node) (rate(x[5m]))'],
    ['sum(a) / (sum(b) > 0)', 'sum by (node) (a) / (sum by (node) (b) > 0)'],
    ['sum by (le) (rate(x_bucket[5m]))', 'sum by (node, le) (rate(x_bucket[5m]))'],
    ['max(x{sum="max(y)"})', 'max by (node) (x{sum="max(y)"})'],
  ])('keeps hosts apart in %s', (expr, expected) => {
    expect(groupedBy(expr, 'node')).toBe(expected);
  });

  it('answers nothing for what is no PromQL and for no label', () => {
    expect(groupedBy('sum(', 'node')).toBeUndefined();
    expect(groupedBy('sum(x)', 'a b')).toBeUndefined();
  });
});

describe('hosts of a batch', () => {
  const names = (label: string, hosts: string[]) =>
    new RegExp(
      `^(?:${JSON.parse(/=~(".*")$/.exec(hostsMatcher(label, hosts) ?? '')?.[1] ?? '""') as string})$`,
    );

  it('match by name, with a port and with a domain, and nothing else', () => {
    const regex = names('instance', ['web-1', '10.0.0.1']);
    for (const host of ['web-1', 'web-1:9090', 'web-1.shop.local:9090', '10.0.0.1:80']) {
      expect(regex.test(host)).toBe(true);
    }
    for (const host of ['web-10', 'xweb-1', '10.0.0.11', '10x0.0.1', 'web-1x:9090']) {
      expect(regex.test(host)).toBe(false);
    }
  });

  it('match addresses of version 6, in brackets before a port', () => {
    const regex = names('instance', ['2001:db8::2']);
    for (const host of ['2001:db8::2', '[2001:db8::2]:9100']) expect(regex.test(host)).toBe(true);
    expect(regex.test('2001:db8::22')).toBe(false);
  });

  it('is an equality for one address with a port', () => {
    expect(hostsMatcher('instance', ['web-1:9090'])).toBe('instance="web-1:9090"');
  });

  it('is nothing without hosts or a legal label', () => {
    expect(hostsMatcher('instance', [])).toBeUndefined();
    expect(hostsMatcher('a b', ['x'])).toBeUndefined();
    expect(onHosts('up', 'instance', [])).toBeUndefined();
  });

  it('restricts a whole expression', () => {
    expect(onHosts('max(up{a="b"})', 'instance', ['h:1'])).toBe('max(up{instance="h:1",a="b"})');
  });
});
