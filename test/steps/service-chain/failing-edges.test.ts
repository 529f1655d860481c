import type { ChainEdge, ServiceChain } from '../../../src/domain/service-chain';
import { failingEdges, failingEdgeText } from '../../../src/steps/service-chain/failing-edges';

const edge = (caller: string, callee: string, changes: Partial<ChainEdge> = {}): ChainEdge => ({
  ...{ caller, callee, via: 'sync', calls: 120, errors: 12, scale: 1 },
  ...changes,
});
const chainOf = (...edges: ChainEdge[]): ServiceChain => ({
  service: 'cart',
  nodes: [],
  edges,
  upstream: [],
  downstream: [],
  source: {
    schema: 'otel',
    indices: [],
    window: { from: '', to: '' },
    traces: { sampled: 100, total: 100 },
  },
  status: 'ok',
  truncated: [],
});

it('finds a callee that fails 10 % of its calls, and says the count', () => {
  const [found, ...others] = failingEdges(chainOf(edge('cart', 'pricing')));
  expect(found).toMatchObject({ caller: 'cart', callee: 'pricing', share: 0.1, direct: true });
  expect(others).toEqual([]);
  expect(found && failingEdgeText(found)).toBe('12 of 120 calls from cart to pricing fail (10 %)');
});

it.each([
  ['1 of 3 calls', { calls: 3, errors: 1 }],
  ['2 of 20 calls', { calls: 20, errors: 2 }],
  ['10 of 19 calls', { calls: 19, errors: 10 }],
  ['4 of 100 calls', { calls: 100, errors: 4 }],
  ['no error', { errors: 0 }],
  ['failures that the traces do not show', { errors: null }],
  ['traces from before the window', { last_seen: '2026-11-20T00:00:00Z' }],
])('takes %s for no concern', (_name, changes) => {
  expect(failingEdges(chainOf(edge('cart', 'pricing', changes)))).toEqual([]);
});

it('counts all ways between two services together', () => {
  const both = chainOf(
    edge('cart', 'mail', { calls: 12, errors: 6 }),
    edge('cart', 'mail', { calls: 12, errors: 0, via: 'topic' }),
  );
  expect(failingEdges(both)).toMatchObject([{ calls: 24, errors: 6, share: 0.25 }]);
});

it('puts the edges of the service first, then the highest share', () => {
  const found = failingEdges(
    chainOf(
      edge('pricing', 'tax', { errors: 60 }),
      edge('cart', 'pricing', { errors: 12 }),
      edge('shop', 'cart', { errors: 24 }),
    ),
  );
  expect(found.map(({ callee, direct }) => [callee, direct])).toEqual([
    ['cart', true],
    ['pricing', true],
    ['tax', false],
  ]);
});

it('knows of no failing edge without a chain', () => {
  expect(failingEdges(null)).toEqual([]);
});
