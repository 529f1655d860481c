import { equals, escapeRegex, parses, quote, selector } from '../../../src/steps/rules/promql';
import {
  prefixesOf,
  prefixMatch,
  prefixScope,
  scopesToTry,
} from '../../../src/steps/metrics/scope';

const HOSTILE = ['a"b', 'a\\b', 'a{b="c"}', 'a\nb', '"} or up{x="', 'ünïcode-服务', "a'b`c", '\\"'];

describe('quote', () => {
  it.each(HOSTILE)('keeps %j inside one string literal', (text) => {
    const expr = `sum(rate(${selector('x_total', [equals('service', text)])}[5m]))`;
    expect(parses(expr)).toBe(true);
    expect(JSON.parse(quote(text))).toBe(text);
  });
});

describe('selector', () => {
  it('writes names that classic PromQL does not know as a matcher', () => {
    expect(selector('user-service_cpu_total')).toBe('{__name__="user-service_cpu_total"}');
    expect(selector('http.server.duration', ['a="b"'])).toBe(
      '{__name__="http.server.duration",a="b"}',
    );
    expect(selector('up', ['job="x"'])).toBe('up{job="x"}');
    expect(selector('up')).toBe('up');
  });
});

describe('parses', () => {
  it.each(['', ' ', 'sum(', 'up{a=b}', 'rate(up[5m]', 'up up'])('refuses %j', (expr) => {
    expect(parses(expr)).toBe(false);
  });
});

describe('the scope of a service', () => {
  it('tries labels in the order of the configuration and leaves out what is no label name', () => {
    const scopes = scopesToTry('shop', ['service', 'not-a-label', 'job']);
    expect(scopes.map(({ match }) => match)).toEqual(['{service="shop"}', '{job="shop"}']);
  });

  it.each(HOSTILE)('asks for the prefix %j by a selector that parses', (service) => {
    expect(parses(prefixMatch(service))).toBe(true);
    for (const prefix of prefixesOf(service)) {
      expect(new RegExp(`^${escapeRegex(prefix)}$`).test(prefix)).toBe(true);
    }
  });

  it('takes the prefix that most names carry', () => {
    const names = ['user-service_a', 'user_service_b', 'user_service_c'];
    expect(prefixScope('user-service', names)).toEqual({ kind: 'prefix', prefix: 'user_service_' });
    expect(prefixScope('user-service', ['other'])).toEqual({ kind: 'none' });
  });
});
