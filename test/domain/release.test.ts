import { parseReleaseRequest } from '../../src/domain/release';

const errorsOf = (input: unknown): string[] => {
  const parsed = parseReleaseRequest(input);
  return parsed.ok ? [] : parsed.errors;
};
const host = { host_id: 'sh1-node-001', host_ip: '192.168.1.11' };

it('accepts the spellings of the user’s documents', () => {
  const parsed = parseReleaseRequest({ service: 's', verison: 'v1', nodes: [host] });
  expect(parsed).toEqual({ ok: true, request: { service: 's', version: 'v1', hosts: [host] } });
});

it('refuses both spellings at once', () => {
  expect(errorsOf({ service: 's', version: 'v1', verison: 'v2' })).toEqual([
    'verison: give either version or verison',
  ]);
});

it('says in few words what is wrong with very many hosts or keys', () => {
  const hosts = Array.from({ length: 3_000 }, (_, i) => i);
  const errors = errorsOf({ service: 's', version: 'v1', hosts });
  expect(errors).toHaveLength(21);
  expect(errors.at(-1)).toBe('and 2980 more errors of the same input');
  const keys = Object.fromEntries(hosts.map((i) => [`key-${i}`, i]));
  expect(errorsOf({ service: 's', version: 'v1', ...keys }).join('').length).toBeLessThan(1_000);
});

it.each([
  ['an empty service', { service: ' ', version: 'v1' }, 'service'],
  ['a service of 10 kB', { service: 'x'.repeat(10_000), version: 'v1' }, 'service'],
  ['a control character', { service: 'a\u0000b', version: 'v1' }, 'service'],
  ['a right-to-left override', { service: 'a\u202eb', version: 'v1' }, 'service'],
  ['a soft hyphen', { service: 'a\u00adb', version: 'v1' }, 'service'],
  ['a Hangul filler', { service: 'cart\u3164', version: 'v1' }, 'service'],
  ['a half-width filler', { service: 'cart\uffa0', version: 'v1' }, 'service'],
  ['a Hangul jungseong filler', { service: 'cart\u1160', version: 'v1' }, 'service'],
  ['a variation selector', { service: 'cart\ufe0f', version: 'v1' }, 'service'],
  ['a tag character', { service: 'cart\u{e0041}', version: 'v1' }, 'service'],
  ['a no-break space', { service: 'a\u00a0b', version: 'v1' }, 'service'],
  ['a blank in the version', { service: 's', version: ' v 1' }, 'version: must not hold a blank'],
  ['a moving version', { service: 's', version: 'Latest' }, 'version: names whatever is newest'],
  [
    'a claim of ours as executor',
    { service: 's', version: 'v1', executor: { workflow_id: 'release-lock/release-prep/s' } },
    'executor.workflow_id: names a preparation, claim or gate',
  ],
  [
    'a preparation as executor',
    { service: 's', version: 'v1', executor: { workflow_id: 'release-prep/s/v1' } },
    'executor.workflow_id: names a preparation, claim or gate',
  ],
  ['half a character', { service: 'a\ud800', version: 'v1' }, 'service'],
  ['a slash in the version', { service: 's', version: 'a/b' }, 'version'],
  ['a number as version', { service: 's', version: 1 }, 'version'],
  ['no version', { service: 's' }, 'version'],
  ['a host without address', { service: 's', version: 'v', hosts: [{ host_id: 'h' }] }, 'hosts.0'],
  ['a host named twice', { service: 's', version: 'v', hosts: [host, host] }, 'hosts'],
  ['an object for hosts', { service: 's', version: 'v', hosts: {} }, 'hosts'],
  ['an unknown key', { service: 's', version: 'v', scope: 'all' }, 'input'],
  ['a string', 'user-service', 'input'],
  ['null', null, 'input'],
  ['a list', [], 'input'],
])('refuses %s and says where', (_name, input, path) => {
  const errors = errorsOf(input);
  expect(errors.length).toBeGreaterThan(0);
  expect(errors[0]?.startsWith(path)).toBe(true);
});

it.each(['用户服务', 'a"b{c}\\d', 'team/service', 'été'])(
  'accepts the service name %s',
  (service) => {
    expect(errorsOf({ service, version: 'v1.1.0' })).toEqual([]);
  },
);

it('takes the spellings of one name for one name', () => {
  const parsed = parseReleaseRequest({ service: ' cafe\u0301 ', version: 'v1 ' });
  expect(parsed).toEqual({ ok: true, request: { service: 'caf\u00e9', version: 'v1' } });
});

it('takes an executor of any other name', () => {
  const executor = { workflow_id: 'release/s/v1' };
  expect(errorsOf({ service: 's', version: 'v1', executor })).toEqual([]);
});

it.each(['latest-2', 'v1.2.3-stable', 'sha256:0123abcd', '2026.11.29', 'main-4711'])(
  'accepts the version %s',
  (version) => expect(errorsOf({ service: 's', version })).toEqual([]),
);

it('refuses a million wrong hosts without naming each', () => {
  const began = process.memoryUsage().heapUsed;
  const errors = errorsOf({ service: 's', version: 'v', hosts: new Array(1_000_000).fill(0) });
  expect(errors).toEqual(['hosts: must have at most 20000 hosts']);
  expect(process.memoryUsage().heapUsed - began).toBeLessThan(100e6);
});

it('accepts 10,000 hosts and refuses more than a payload holds', () => {
  const hosts = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ host_id: `host-${i}`, host_ip: '10.0.0.1' }));
  expect(errorsOf({ service: 's', version: 'v', hosts: hosts(10_000) })).toEqual([]);
  expect(errorsOf({ service: 's', version: 'v', hosts: hosts(20_001) })).toHaveLength(1);
});
