import {
  prefixesOf,
  prefixMatch,
  prefixScope,
  scopesToTry,
} from '../../../src/steps/metrics/metric-scope';
import { parses } from '../../../src/steps/rules/promql';
import { escapeRegex } from '../../../src/steps/text/escape-regex';

const HOSTILE = ['a"b', 'a\\b', 'a{b="c"}', 'a\nb', '"} or up{x="', 'ünïcode-服务', "a'b`c", '\\"'];

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
