import { bareHost, hostLabelOf, isOfHost } from '../../../src/steps/metrics/host-labels';

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
