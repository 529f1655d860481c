import type { Host } from '../../../src/domain/host';
import { checkVersion } from '../../../src/steps/version/version-check';

const host = (id: string, version = 'v1.0.0', status = 'running', service = 'active'): Host => ({
  host_id: id,
  host_ip: '10.0.0.1',
  status,
  services: [{ name: 's', version, status: service }],
});
const check = (hosts: Host[], requested?: { host_id: string; host_ip: string }[]) =>
  checkVersion({ service: 's', candidate: 'v1.1.0', hosts, requested });

it('clears a fleet that is healthy and runs another version', () => {
  expect(check([host('a'), host('b')])).toMatchObject({
    refusal: undefined,
    summary: 'No conflict detected',
    details: {
      current: 'v1.0.0',
      has_conflict: false,
      conflict_reason: '',
      hosts: { total: 2, healthy: 2 },
    },
  });
});

it.each(['v1.1.0', '1.1.0', 'V1.1.0'])('refuses when one host runs %s already', (version) => {
  const verdict = check([host('a'), host('b', version)]);
  expect(verdict).toMatchObject({
    refusal: 'VersionConflict',
    details: { conflict_hosts: ['b'], has_conflict: true },
  });
});

it.each([
  ['down', 'active', 'host is down'],
  ['gone', 'active', 'host is gone'],
  ['running', 'error', 'service is error'],
  ['running', 'pending', 'service is pending'],
])('refuses a host that is %s with the service %s', (status, service, reason) => {
  expect(check([host('a'), host('b', 'v1.0.0', status, service)])).toMatchObject({
    refusal: 'HostsUnhealthy',
    details: { unhealthy_hosts: [{ host_id: 'b', reason }], hosts: { total: 2, healthy: 1 } },
  });
});

it('refuses without hosts, and names hosts that are not known or have another address', () => {
  expect(check([])).toMatchObject({ refusal: 'NoTargetHosts' });
  const verdict = check(
    [host('a')],
    [
      { host_id: 'a', host_ip: '10.9.9.9' },
      { host_id: 'x', host_ip: '1.1.1.1' },
    ],
  );
  expect(verdict.refusal).toBe('NoTargetHosts');
  expect(verdict.details.conflict_reason).toMatch(/a with address 10\.9\.9\.9.*x/);
});

it('names services that are spelled almost the same where it finds no hosts', () => {
  const facts = { service: 'cart', candidate: 'v1.1.0', hosts: [] };
  const summaryOf = (known: string[]) => checkVersion({ ...facts, known }).summary;
  expect(summaryOf(['Cart', 'payment', 'carts'])).toBe(
    'the release system has no hosts of cart; similar: Cart, carts',
  );
  expect(summaryOf(['payment'])).toBe('the release system has no hosts of cart');
});

it('looks at the requested hosts alone', () => {
  const verdict = check([host('a'), host('b', 'v1.1.0')], [{ host_id: 'a', host_ip: '10.0.0.1' }]);
  expect(verdict.refusal).toBeUndefined();
  expect(verdict.details.hosts.total).toBe(1);
});

it('calls the version that most hosts run current, and sees a mixed fleet', () => {
  const verdict = check([host('a', 'v0.9.0'), host('b'), host('c')]);
  expect(verdict).toMatchObject({
    mixed: true,
    details: { current: 'v1.0.0', current_versions: { 'v0.9.0': 1, 'v1.0.0': 2 } },
  });
});
