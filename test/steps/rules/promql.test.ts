import { equals, parses, quote, selector } from '../../../src/steps/rules/promql';

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
