import { faultDomainsOf } from '../../../src/steps/release-plan/fault-domain';
import { hostOf } from '../../fixtures/fleets';

const domains = (ids: string[]) => {
  const { of, from } = faultDomainsOf(ids.map((host_id, i) => hostOf(i, { host_id })));
  return { from, names: ids.map((id) => of.get(id)) };
};

it.each([
  [
    'cloud zones',
    ['web-eu-west-1a-01', 'web-eu-west-1b-02', 'web-eu-west-1a-03', 'web-eu-west-1b-04'],
    ['eu-west-1a', 'eu-west-1b', 'eu-west-1a', 'eu-west-1b'],
  ],
  [
    'numbered places',
    ['a-rack1-1', 'a-rack2-2', 'a-rack1-3', 'a-rack2-4'],
    ['rack1', 'rack2', 'rack1', 'rack2'],
  ],
  [
    'a short prefix',
    ['sh1-node-1', 'sh2-node-2', 'sh1-node-3', 'sh2-node-4'],
    ['sh1', 'sh2', 'sh1', 'sh2'],
  ],
])('reads %s from host names when nothing else tells', (_name, ids, names) => {
  expect(domains(ids)).toEqual({ from: 'host names', names });
});

it.each([
  ['names without a place', ['alpha', 'beta', 'gamma', 'delta']],
  ['a number of its own for each host', ['web1-a1', 'web2-a2', 'web3-a3', 'web4-a4']],
  ['a place that some names lack', ['az1-x-1', 'az2-x-2', 'other', 'az1-x-3']],
])('takes %s for one domain', (_name, ids) => {
  expect(domains(ids).from).toBe('nowhere');
});

it('goes by zone before rack before region, and puts hosts that do not tell into one of their own', () => {
  const hosts = [
    hostOf(0, { zone: 'a', labels: { rack: 'r1' }, region: 'x' }),
    hostOf(1, { labels: { 'topology.kubernetes.io/zone': 'b', rack: 'r2' } }),
    hostOf(2, { region: 'x' }),
  ];
  expect(faultDomainsOf(hosts).from).toBe('zone');
  expect([...faultDomainsOf(hosts).of.values()]).toEqual(['a', 'b', 'unknown zone']);
  expect(faultDomainsOf([hostOf(0, { labels: { rack: 'r1' } })]).from).toBe('rack');
  expect(faultDomainsOf([hostOf(0, { region: 'x' })]).from).toBe('region');
});
