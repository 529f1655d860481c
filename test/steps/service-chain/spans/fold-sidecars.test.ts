import type { Span } from '../../../../src/domain/topology/span';
import { chainOf, span } from '../../../fixtures/spans/spans';

const edgesOf = (service: string, spans: Span[]) =>
  chainOf(service, spans).edges.map(
    ({ caller, callee, calls }) => `${caller} -> ${callee} ${calls}`,
  );

/** web → its proxy → the proxy of orders → orders. */
const through = (proxyOfWeb: string, proxyOfOrders: string): Span[] => [
  span('1', 'web', { kind: 'client', peer: 'localhost:15001' }),
  span('2', proxyOfWeb, { kind: 'client', parent: '1' }),
  span('3', proxyOfOrders, { parent: '2' }),
  span('4', 'orders', { parent: '3' }),
];

it.each([
  ['istio-proxy', 'istio-proxy'],
  ['web.default', 'orders.default'],
  ['web-envoy', 'envoy-orders'],
])('sidecars %s and %s are the services that they stand beside', (ofWeb, ofOrders) => {
  const spans = through(ofWeb, ofOrders);
  expect(edgesOf('web', spans)).toEqual(['web -> orders 1']);
  expect(chainOf('orders', spans).upstream).toEqual([{ service: 'web', hops: 1 }]);
});

it('a proxy of which the service was lost is no service of its own', () => {
  const whole = through('istio-proxy', 'istio-proxy').map((one) => ({ ...one, trace: 'u' }));
  const lost = through('istio-proxy', 'istio-proxy').filter(({ service }) => service !== 'orders');
  const chain = chainOf('web', [...whole, ...lost]);
  expect(chain.nodes.map(({ id }) => id).sort()).toEqual(['localhost:15001', 'orders', 'web']);
  expect(edgesOf('web', [...whole, ...lost])).toContain('web -> orders 1');
});

it('a gateway that bears the name of a proxy stays a service', () => {
  const spans = [
    span('1', 'web', { kind: 'client' }),
    span('2', 'envoy', { parent: '1' }),
    span('3', 'envoy', { kind: 'client', parent: '2' }),
    span('4', 'orders', { parent: '3' }),
  ];
  expect(edgesOf('web', spans).sort()).toEqual(['envoy -> orders 1', 'web -> envoy 1']);
});

it('a second version of a service is no sidecar', () => {
  const spans = [span('1', 'orders-v2'), span('2', 'orders', { parent: '1' })];
  expect(edgesOf('orders', spans)).toEqual(['orders-v2 -> orders 1']);
});
