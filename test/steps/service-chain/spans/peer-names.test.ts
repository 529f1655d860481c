import {
  hostAndPort,
  isBareAddress,
  isLocal,
  rangeOfAddress,
  serviceOfHost,
} from '../../../../src/steps/service-chain/spans/peer-names';

it.each([
  ['pay:8080', 'pay', ':8080'],
  ['pay', 'pay', ''],
  ['[::1]:80', '::1', ':80'],
  ['fe80::1', 'fe80::1', ''],
])('%s has the host %s', (peer, host, port) => {
  expect(hostAndPort(peer)).toEqual({ host, port });
});

it.each([
  ['10.42.0.7:8080', '10.0.0.0/8:8080'],
  ['192.168.1.1', '192.168.0.0/16'],
  ['172.31.0.1', '172.16.0.0/12'],
  ['172.32.0.1', 'public addresses'],
  ['100.127.255.1', '100.64.0.0/10'],
  ['8.8.8.8:53', 'public addresses:53'],
  ['[2001:db8::1]:443', 'IPv6 addresses:443'],
])('%s is one of %s', (peer, range) => {
  expect([isBareAddress(peer), rangeOfAddress(peer)]).toEqual([true, range]);
});

it.each(['localhost:3500', '127.0.0.1', '[::1]:9'])('%s is the own machine', (peer) => {
  expect(isLocal(peer)).toBe(true);
});

it.each([
  ['pay.prod.svc.cluster.local:80', 'pay'],
  ['ldap-0.ldap.prod.svc', 'ldap'],
  ['pay.service.consul', 'pay'],
  ['pay.connect.dc1.consul', 'pay'],
  ['pay.example.com', null],
  ['svc.cluster.local', null],
  ['pay', null],
])('%s stands for %s', (peer, service) => {
  expect(serviceOfHost(peer)).toBe(service);
});
