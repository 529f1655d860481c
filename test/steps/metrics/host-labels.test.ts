import {
  bareHost,
  hostLabelOf,
  hostsWith,
  isOfHost,
  valuesOfHosts,
} from '../../../src/steps/metrics/host-labels';
import { growth } from '../../fixtures/growth';

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

it('finds the hosts of values and the values of hosts, with a domain on either side', () => {
  const label = { label: 'instance', values: ['web-1.example.com:80', '10.0.0.2:80', 'web', 'x'] };
  const fleet = [
    { host_id: 'web-1', host_ip: '10.0.0.1' },
    { host_id: 'db', host_ip: '10.0.0.2' },
    { host_id: 'web.internal', host_ip: '10.0.0.3' },
    { host_id: 'we', host_ip: '10.0.0.4' },
  ];
  expect(hostsWith(label, fleet).map(({ host_id: id }) => id)).toEqual([
    'web-1',
    'db',
    'web.internal',
  ]);
  expect(valuesOfHosts(label, fleet)).toEqual(['web-1.example.com:80', '10.0.0.2:80', 'web']);
});

describe('takes time in proportion to what it is given', () => {
  it.each([
    ['slashes', '/'],
    ['dots', 'a.'],
    ['colons', ':'],
    ['brackets', '['],
    ['schemes', 'a:'],
  ])('for a label value of %s', (_, text) => {
    const host = { host_id: 'a', host_ip: '10.0.0.1' };
    expect(growth((n) => void isOfHost(text.repeat(n), host), 100_000)).toBeLessThan(3.5);
  });

  it('for fleets and label values that all begin alike', () => {
    const work = (n: number) => {
      const fleet = Array.from({ length: n }, (__, i) => ({
        ...{ host_id: `web.${i}.internal`, host_ip: `ip-${i}` },
      }));
      const values = fleet.map(({ host_id: id }) => `${id}.example:80`);
      expect(hostsWith({ label: 'host', values }, fleet)).toHaveLength(n);
      expect(valuesOfHosts({ label: 'host', values }, fleet)).toHaveLength(n);
    };
    expect(growth(work, 1_000)).toBeLessThan(3.5);
  });

  it('for series that each have a label of their own', () => {
    const work = (n: number) =>
      void hostLabelOf(
        Array.from({ length: n }, (__, i) => ({ [`label_${i}`]: 'x' })),
        hosts,
      );
    expect(growth(work, 1_000)).toBeLessThan(3.5);
  });
});
