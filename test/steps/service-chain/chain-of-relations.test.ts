import { buildChain } from '../../../src/steps/service-chain/build-chain';
import type { Reading, Relation, Traced } from '../../../src/domain/topology/reading';
import { chainOf, span } from '../../fixtures/spans/spans';

const relation = (caller: string, callee: string, more: Partial<Relation> = {}): Relation => ({
  caller,
  callee,
  calls: 3,
  errors: null,
  via: 'sync',
  last_seen: '2026-08-22T00:00:00.000Z',
  ...more,
});
const reading = (relations: Relation[], earlier = false): Reading => ({
  schema: 'jaeger-dependencies',
  earlier,
  traces: { sampled: 0, total: 0 },
  kind: 'relations',
  relations,
});
const traced = (...readings: Reading[]): Traced => ({
  readings,
  source: { indices: ['i'], window: { from: '2026-08-22', to: '2026-08-23' } },
  notes: [],
});
const names = (members: { service: string; hops: number }[]) =>
  members.map(({ service, hops }) => `${service} ${hops}`);

it('reaches through relations in both directions and says that this is all they tell', () => {
  const relations = [
    relation('a', 'b'),
    relation('b', 'c'),
    relation('c', 'd'),
    relation('x', 'c'),
  ];
  const chain = buildChain('b', traced(reading(relations)));
  expect(names(chain.upstream)).toEqual(['a 1']);
  expect(names(chain.downstream)).toEqual(['c 1', 'd 2']);
  expect(chain.source.basis).toBe('relations');
  expect(chain.edges.some(({ caller }) => caller === 'x')).toBe(false);
});

it('takes calls that connect only by relations for reachable, which traces do not', () => {
  const apart = [
    span('1', 'a', { kind: 'client' }),
    span('2', 'b', { parent: '1' }),
    span('3', 'b', { kind: 'client', trace: 'other' }),
    span('4', 'c', { parent: '3', trace: 'other' }),
  ];
  expect(names(chainOf('a', apart).downstream)).toEqual(['b 1']);
  const relations = traced(reading([relation('a', 'b'), relation('b', 'c')]));
  expect(names(buildChain('a', relations).downstream)).toEqual(['b 1', 'c 2']);
});

it('tells when an edge was last seen only of edges that the window lacks', () => {
  const chain = buildChain(
    'a',
    traced(reading([relation('a', 'b')]), reading([relation('a', 'old')], true)),
  );
  expect(chain.edges.map(({ callee, last_seen }) => [callee, last_seen])).toEqual([
    ['b', undefined],
    ['old', '2026-08-22T00:00:00.000Z'],
  ]);
});

it('knows nothing of a service that no relation names', () => {
  expect(buildChain('z', traced(reading([relation('a', 'b')]))).status).toBe('unknown');
});
