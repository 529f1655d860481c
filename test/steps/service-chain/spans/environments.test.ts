import { buildChain } from '../../../../src/steps/service-chain/build-chain';
import type { Span } from '../../../../src/domain/topology/span';
import { span } from '../../../fixtures/spans/spans';

const chainIn = (environment: string | undefined, service: string, spans: Span[]) =>
  buildChain(service, {
    readings: [
      { kind: 'spans', schema: 'otel', earlier: false, traces: { sampled: 1, total: 1 }, spans },
    ],
    source: { indices: [], window: { from: '', to: '' } },
    notes: [],
    ...(environment !== undefined && { environment }),
  });
const edgesIn = (environment: string | undefined, service: string, spans: Span[]) =>
  chainIn(environment, service, spans).edges.map(({ caller, callee }) => `${caller} -> ${callee}`);

const call = (n: string, environment: string | undefined, callee: string): Span[] => {
  const there = environment === undefined ? {} : { environment };
  return [
    span(`${n}c`, 'cart', { kind: 'client', trace: n, ...there }),
    span(`${n}s`, callee, { parent: `${n}c`, trace: n, ...there }),
  ];
};
const both = [...call('1', 'production', 'pay'), ...call('2', 'staging', 'fake-pay')];

it('services of one name in two environments are mixed, and that is said', () => {
  const chain = chainIn(undefined, 'cart', both);
  expect([chain.status, chain.truncated]).toEqual(['partial', ['environments']]);
  expect(chain.notes?.[0]?.detail).toContain('production, staging');
});

it('the one that is asked for has its own callees', () => {
  const chain = chainIn('production', 'cart', both);
  expect(chain.downstream).toEqual([{ service: 'pay', hops: 1 }]);
  expect(chain.status).toBe('ok');
  expect(chainIn('staging', 'cart', both).downstream).toEqual([{ service: 'fake-pay', hops: 1 }]);
});

it('spans that name no environment belong to the one that is asked for', () => {
  expect(edgesIn('production', 'cart', call('1', undefined, 'pay'))).toEqual(['cart -> pay']);
});

it('a namespace tells apart as well, alone or with the environment', () => {
  const spans = both.map((one, n): Span => ({ ...one, namespace: n < 2 ? 'shop' : 'admin' }));
  expect(edgesIn('shop', 'cart', spans)).toEqual(['cart -> pay']);
  expect(edgesIn('production/shop', 'cart', spans)).toEqual(['cart -> pay']);
  expect(chainIn('production/admin', 'cart', spans).status).toBe('unknown');
});

it('a name that nothing answered in staging is not the service of production', () => {
  const spans = [
    ...call('1', 'production', 'pay'),
    span('x', 'mail', { kind: 'client', trace: '3', peer: 'pay', environment: 'staging' }),
  ];
  expect(chainIn('production', 'pay', spans).upstream).toEqual([{ service: 'cart', hops: 1 }]);
  expect(edgesIn('production', 'pay', spans)).toEqual(['cart -> pay']);
});

it('a topic of two environments joins no spans that do not say where they ran', () => {
  const topic = { system: 'kafka', name: 'orders' };
  const spans = [
    span('1', 'shop', { kind: 'producer', topic, trace: '1', environment: 'production' }),
    span('2', 'shop', { kind: 'producer', topic, trace: '2', environment: 'staging' }),
    span('3', 'mail', { kind: 'consumer', topic, trace: '3' }),
  ];
  expect(edgesIn('production', 'mail', spans)).toEqual([]);
  expect(edgesIn('production', 'mail', spans.slice(1))).toEqual(['shop (staging) -> mail']);
});
