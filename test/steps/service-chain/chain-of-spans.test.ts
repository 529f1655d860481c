import type { ServiceChain } from '../../../src/domain/service-chain';
import { buildChain } from '../../../src/steps/service-chain/build-chain';
import type { Reading } from '../../../src/domain/topology/reading';
import type { Span } from '../../../src/domain/topology/span';
import { chainOf, span } from '../../fixtures/spans/spans';

/** A client span and the server span that answers it. */
const call = (id: string, from: string, to: string, more: Partial<Span> = {}): Span[] => [
  span(`${id}c`, from, { kind: 'client', ...more, parent: more.parent ?? null }),
  span(`${id}s`, to, { ...more, parent: `${id}c`, peer: null }),
];
const edgesOf = (chain: ServiceChain) =>
  chain.edges.map(({ caller, callee, via, calls, errors }) => [caller, callee, via, calls, errors]);
const names = (members: ServiceChain['upstream']) => members.map(({ service }) => service);

describe('parents and children', () => {
  it('make a call where the service changes, and none within one service', () => {
    const chain = chainOf('a', [
      ...call('1', 'a', 'b'),
      span('inner', 'b', { kind: 'internal', parent: '1s' }),
      ...call('2', 'b', 'c', { parent: 'inner' }),
    ]);
    expect(edgesOf(chain)).toEqual([
      ['a', 'b', 'sync', 1, 0],
      ['b', 'c', 'sync', 1, 0],
    ]);
    expect(chain.downstream).toEqual([
      { service: 'b', hops: 1 },
      { service: 'c', hops: 2 },
    ]);
    expect(chain.status).toBe('ok');
  });

  it('fail when either side saw a failure', () => {
    const [client, server] = call('1', 'a', 'b') as [Span, Span];
    for (const pair of [
      [{ ...client, failed: true }, server],
      [client, { ...server, failed: true }],
    ]) {
      expect(edgesOf(chainOf('a', pair))).toEqual([['a', 'b', 'sync', 1, 1]]);
    }
  });

  it('count a call once, however many spans of the callee hang under it and however often they were written', () => {
    const [client, server] = call('1', 'a', 'b') as [Span, Span];
    const children = ['x', 'y'].map((id) =>
      span(id, 'b', { kind: 'internal', parent: client.id, failed: id === 'y' }),
    );
    const once = [['a', 'b', 'sync', 1, 1]];
    expect(edgesOf(chainOf('a', [client, ...children]))).toEqual(once);
    expect(edgesOf(chainOf('a', [client, client, ...children, ...children]))).toEqual(once);
    expect(edgesOf(chainOf('a', [client, server, server]))).toEqual([['a', 'b', 'sync', 1, 0]]);
  });

  it('between producer and consumer are asynchronous', () => {
    const spans = [
      span('p', 'a', { kind: 'producer' }),
      span('c', 'b', { kind: 'consumer', parent: 'p' }),
    ];
    expect(edgesOf(chainOf('a', spans))).toEqual([['a', 'b', 'async', 1, 0]]);
  });

  it('in a circle end', () => {
    const spans = [span('1', 'a', { parent: '2' }), span('2', 'b', { parent: '1' })];
    const chain = chainOf('a', spans);
    expect(names(chain.downstream)).toEqual(['b']);
    expect(names(chain.upstream)).toEqual(['b']);
    expect(chainOf('a', [span('1', 'a', { parent: '1' })]).edges).toEqual([]);
  });

  it('that call back make a service both caller and callee, never its own', () => {
    const chain = chainOf('a', [...call('1', 'a', 'b'), ...call('2', 'b', 'a', { parent: '1s' })]);
    expect(names(chain.downstream)).toEqual(['b']);
    expect(names(chain.upstream)).toEqual(['b']);
  });
});

it('reaches only what some trace leads to, not what connects over different traces', () => {
  const other = call('2', 'b', 'c').map((each) => ({ ...each, trace: 'u' }));
  expect(names(chainOf('a', [...call('1', 'a', 'b'), ...other]).downstream)).toEqual(['b']);
});

describe('services that take part in one trace', () => {
  // web calls a gateway, which calls orders; orders calls the gateway again, which calls stock.
  const shared = [
    ...call('1', 'web', 'gw'),
    ...call('2', 'gw', 'orders', { parent: '1s' }),
    ...call('3', 'orders', 'gw', { parent: '2s' }),
    ...call('4', 'gw', 'stock', { parent: '3s' }),
    ...call('5', 'web', 'gw'),
    ...call('6', 'gw', 'ads', { parent: '5s' }),
  ];

  it('are not related by a gateway that serves both', () => {
    const ads = chainOf('ads', shared);
    expect([names(ads.upstream), names(ads.downstream)]).toEqual([['gw', 'web'], []]);
    const orders = chainOf('orders', shared);
    expect([names(orders.upstream), names(orders.downstream)]).toEqual([
      ['gw', 'web'],
      ['gw', 'stock'],
    ]);
  });

  it('are not downstream of a service that calls back', () => {
    const spans = [
      span('root', 'shop'),
      ...call('1', 'shop', 'pay', { parent: 'root' }),
      ...call('2', 'pay', 'shop', { parent: '1s' }),
      ...call('3', 'shop', 'mail', { parent: 'root' }),
    ];
    expect(names(chainOf('pay', spans).downstream)).toEqual(['shop']);
    expect(names(chainOf('shop', spans).downstream)).toEqual(['mail', 'pay']);
  });

  it('are related by a link of an inner span only where that span led on', () => {
    const spans = [
      span('p', 'a', { trace: 'u', kind: 'producer' }),
      span('poll', 'b', { kind: 'internal' }),
      span('batch', 'b', { kind: 'internal', parent: 'poll', links: [{ trace: 'u', id: 'p' }] }),
      ...call('1', 'b', 'c', { parent: 'batch' }),
      ...call('2', 'b', 'd', { parent: 'poll' }),
    ];
    expect(names(chainOf('a', spans).downstream)).toEqual(['b', 'c']);
    expect(names(chainOf('d', spans).upstream)).toEqual(['b']);
  });
});

it('goes to the depth asked for and tells the fewest hops', () => {
  const spans = [
    ...call('1', 'a', 'b'),
    ...call('2', 'b', 'c', { parent: '1s' }),
    ...call('3', 'a', 'c'),
  ];
  expect(chainOf('a', spans).downstream).toEqual([
    { service: 'b', hops: 1 },
    { service: 'c', hops: 1 },
  ]);
  expect(names(chainOf('c', spans).upstream)).toEqual(['a', 'b']);
});

describe('missing parents', () => {
  const whole = Array.from({ length: 19 }, (_, at) => span(`s${at}`, 'a'));
  const orphans = (count: number) =>
    Array.from({ length: count }, (_, at) => span(`o${at}`, 'a', { parent: 'gone' }));

  it('make the chain partial above five in a hundred, and say how many', () => {
    const chain = chainOf('a', [...whole, ...orphans(2)]);
    expect(chain.status).toBe('partial');
    expect(chain.truncated).toEqual(['orphans']);
    expect(chain.notes?.[0]?.detail).toContain('2 of 21 spans');
  });

  it('below that are normal', () => {
    expect(chainOf('a', [...whole, ...orphans(1)]).status).toBe('ok');
  });
});

describe('span links', () => {
  const producer = span('p', 'a', { kind: 'producer' });
  const consumer = span('c', 'b', {
    trace: 'u',
    kind: 'consumer',
    links: [{ trace: 't', id: 'p' }],
  });
  const further = call('2', 'b', 'c', { trace: 'u', parent: 'c' });

  it('lead on into the other trace', () => {
    const chain = chainOf('a', [producer, consumer, ...further]);
    expect(edgesOf(chain)).toEqual([
      ['a', 'b', 'link', 1, 0],
      ['b', 'c', 'sync', 1, 0],
    ]);
    expect(names(chain.downstream)).toEqual(['b', 'c']);
    expect(names(chainOf('c', [producer, consumer, ...further]).upstream)).toEqual(['b', 'a']);
  });

  it('to spans that were not read say nothing', () => {
    expect(chainOf('b', [consumer]).edges).toEqual([]);
  });

  it('that repeat the parent count once', () => {
    const child = { ...consumer, trace: 't', parent: 'p' };
    expect(edgesOf(chainOf('a', [producer, child]))).toEqual([['a', 'b', 'async', 1, 0]]);
  });
});

describe('topics', () => {
  const orders = { system: 'kafka', name: 'orders' };
  const writes = (more: Partial<Span> = {}) =>
    span('p', 'a', { kind: 'producer', topic: orders, start: 1, ...more });
  const reads = (more: Partial<Span> = {}) =>
    span('c', 'b', { trace: 'u', kind: 'consumer', topic: orders, start: 2, ...more });

  it('join producers and consumers that nothing else joins', () => {
    expect(edgesOf(chainOf('a', [writes(), reads()]))).toEqual([['a', 'b', 'topic', 1, 0]]);
  });

  it('name the system that carries the messages, also where a parent or a link joins them', () => {
    const rabbit = { system: 'rabbitmq', name: 'orders' };
    const linked = reads({ links: [{ trace: 't', id: 'p' }], topic: null });
    const other = [
      writes({ id: 'q', trace: 'w', topic: rabbit }),
      reads({ id: 'd', trace: 'w', parent: 'q', topic: rabbit, kind: 'internal' }),
    ];
    const systemsOf = (spans: Span[]) => chainOf('a', spans).edges.map(({ systems }) => systems);
    expect(systemsOf([writes(), reads()])).toEqual([['kafka']]);
    expect(systemsOf([writes(), linked])).toEqual([['kafka']]);
    expect(systemsOf(other)).toEqual([['rabbitmq']]);
    expect(systemsOf(call('1', 'a', 'b'))).toEqual([undefined]);
    // Clients that speak to a broker and answer at once are calls like others.
    const sync = call('1', 'a', 'b').map((one) => ({ ...one, topic: orders }));
    expect(systemsOf(sync)).toEqual([undefined]);
  });

  it('of the same name in another system are others', () => {
    const rabbit = { system: 'rabbitmq', name: 'orders' };
    const chain = chainOf('a', [writes(), reads({ topic: rabbit })]);
    expect(names(chain.downstream)).toEqual([]);
  });

  it('add nothing where a link tells already', () => {
    const linked = reads({ links: [{ trace: 't', id: 'p' }] });
    const second = reads({ id: 'c2', trace: 'v' });
    expect(edgesOf(chainOf('a', [writes(), linked, second]))).toEqual([['a', 'b', 'link', 1, 0]]);
  });

  it('lead on into the trace of the consumer also where the two call each other directly', () => {
    const further = call('2', 'b', 'c', { trace: 'u', parent: 'c' });
    const chain = chainOf('a', [...call('1', 'a', 'b'), writes(), reads(), ...further]);
    expect(edgesOf(chain)).toContainEqual(['a', 'b', 'topic', 1, 0]);
    expect(names(chain.downstream)).toEqual(['b', 'c']);
  });

  it('join no consumer whose producer a parent names, read or not', () => {
    const others = [
      writes({ id: 'q', service: 'z', trace: 'w' }),
      reads({ id: 'd', trace: 'w', parent: 'q' }),
      reads({ id: 'e', service: 'x', trace: 'v', parent: 'not-read' }),
    ];
    const chain = chainOf('a', [writes(), ...others]);
    expect(names(chain.downstream)).toEqual([]);
    expect(edgesOf(chainOf('b', [writes(), ...others]))).toEqual([['z', 'b', 'async', 1, 0]]);
  });

  it('of RabbitMQ join by exchange and routing key, whatever queue the consumer reads', () => {
    const named = (name: string) => ({ topic: { system: 'rabbitmq', name } });
    const spans = [
      writes(named('events:order.created')),
      reads(named('events:order.created:billing')),
      reads({ id: 'm', service: 'mailer', trace: 'v', ...named('events:user.created:mail') }),
    ];
    expect(names(chainOf('a', spans).downstream)).toEqual(['b']);
  });

  it('that nobody reads end at the broker', () => {
    const chain = chainOf('a', [writes()]);
    expect(chain.nodes).toContainEqual({ id: 'kafka', kind: 'external' });
    expect(chain.downstream).toEqual([]);
  });
});

describe('calls that nobody answered', () => {
  const client = (id: string, peer: string | null, more: Partial<Span> = {}) =>
    span(id, 'a', { kind: 'client', peer, ...more });

  it('go to the service that the peer names', () => {
    const chain = chainOf('a', [client('1', 'b:80'), span('x', 'b', { trace: 'u' })]);
    expect(edgesOf(chain)).toEqual([['a', 'b', 'sync', 1, 0]]);
  });

  it('are never counted for the service that answered other calls to the same address', () => {
    const chain = chainOf('a', [
      client('1', 'localhost:3500'),
      span('1s', 'b', { parent: '1' }),
      client('2', 'localhost:3500', { failed: true }),
    ]);
    expect(edgesOf(chain)).toEqual([
      ['a', 'b', 'sync', 1, 0],
      ['a', 'localhost:3500', 'sync', 1, 1],
    ]);
    expect(chain.nodes).toContainEqual({
      id: 'localhost:3500',
      kind: 'unresolved',
      candidates: ['b'],
    });
  });

  it('stay unresolved behind a peer of several, with these as candidates', () => {
    const chain = chainOf('a', [
      client('1', 'gateway'),
      span('1s', 'b', { parent: '1' }),
      client('2', 'gateway'),
      span('2s', 'c', { parent: '2' }),
      client('3', 'gateway'),
    ]);
    expect(chain.nodes).toContainEqual({
      id: 'gateway',
      kind: 'unresolved',
      candidates: ['b', 'c'],
    });
    expect(names(chain.downstream)).toEqual(['b', 'c']);
  });

  it('stay unresolved without candidates behind a peer never seen to answer, and are dropped without a peer', () => {
    expect(chainOf('a', [client('1', 'x')]).nodes).toContainEqual({ id: 'x', kind: 'unresolved' });
    expect(chainOf('a', [client('1', null)]).edges).toEqual([]);
  });
});

describe('stores', () => {
  const asks = (id: string, storeAt?: string, store = 'postgresql') =>
    span(id, 'a', { kind: 'client', store, ...(storeAt !== undefined && { storeAt }) });
  const storesOf = (...spans: Span[]) =>
    chainOf('a', spans)
      .nodes.filter(({ kind }) => kind === 'external')
      .map(({ id }) => id);

  it('are one node for each server and database that spans tell apart', () => {
    expect(storesOf(asks('1', 'orders-pg:5432/orders'), asks('2', 'users-pg:5432/users'))).toEqual([
      'postgresql/orders-pg:5432/orders',
      'postgresql/users-pg:5432/users',
    ]);
    expect(storesOf(asks('1', '/orders'), asks('2', '/users'))).toEqual([
      'postgresql/orders',
      'postgresql/users',
    ]);
  });

  it('share the name of their system where nothing tells them apart', () => {
    expect(storesOf(asks('1'), asks('2'))).toEqual(['postgresql']);
    expect(storesOf(asks('1', 'pg:5432/orders'), asks('2', 'pg:5432/orders'))).toEqual([
      'postgresql',
    ]);
  });

  it('of a cluster are one: addresses of numbers and ordinals of pods tell nothing apart', () => {
    const cluster = ['10.0.0.1:6379', '10.0.0.2:6379', '[fd00::1]:6379'];
    expect(storesOf(...cluster.map((at, id) => asks(`${id}`, at, 'redis')))).toEqual(['redis']);
    const pods = ['redis-0.redis:6379', 'redis-1.redis:6379'];
    expect(storesOf(...pods.map((at, id) => asks(`${id}`, at, 'redis')))).toEqual(['redis']);
  });
});

it('knows a name that is a store to one and a peer to another as a store, whichever comes first', () => {
  const spans = [
    span('1', 'a', { kind: 'client', store: 'ledger' }),
    span('2', 'a', { kind: 'client', peer: 'ledger' }),
  ];
  for (const some of [spans, [...spans].reverse()])
    expect(chainOf('a', some).nodes).toContainEqual({ id: 'ledger', kind: 'external' });
});

describe('several readings', () => {
  const reading = (spans: Span[], more: Partial<Reading> = {}): Reading =>
    ({
      kind: 'spans',
      schema: 'otel',
      earlier: false,
      traces: { sampled: 1, total: 1 },
      spans,
      ...more,
    }) as Reading;
  const chain = (readings: Reading[], service = 'a') =>
    buildChain(service, {
      readings,
      source: { indices: [], window: { from: '', to: '' } },
      notes: [],
    });
  const zipkin = { schema: 'zipkin' };

  it('of the same traffic count it once and add what the first lacks', () => {
    const both = chain([
      reading(call('1', 'a', 'b')),
      reading([...call('1', 'a', 'b'), ...call('2', 'a', 'c')], zipkin),
    ]);
    expect(edgesOf(both)).toEqual([
      ['a', 'b', 'sync', 1, 0],
      ['a', 'c', 'sync', 1, 0],
    ]);
    expect(both.source).toMatchObject({ schema: 'otel', also: ['zipkin'] });
  });

  it('agree on names that one of them cannot write', () => {
    const both = chain(
      [
        reading(call('1', 'Shop.Web', 'b')),
        reading(call('1', 'shop.web', 'b'), zipkin),
        reading(call('1', 'Shop_Web', 'c'), { schema: 'apm' }),
      ],
      'Shop.Web',
    );
    expect(both.nodes.map(({ id }) => id)).toEqual(['Shop.Web', 'b', 'c']);
  });

  it('leave two services of one reading apart', () => {
    const two = chain([reading([...call('1', 'a', 'cart'), ...call('2', 'a', 'Cart')])]);
    expect(names(two.downstream)).toEqual(['Cart', 'cart']);
  });

  it('from before the window flag what only they show with when it was last seen', () => {
    const now = Date.parse('2026-08-22T12:00:00Z');
    const old = [
      ...call('1', 'a', 'b', { start: now - 8e7 }),
      ...call('2', 'a', 'rare', { start: now - 9e7 }),
      ...call('3', 'a', 'rare', { start: now - 8.64e7 }),
    ];
    const both = chain([
      reading(call('1', 'a', 'b', { start: now })),
      reading(old, { earlier: true }),
    ]);
    const last_seen = '2026-08-21T12:00:00.000Z';
    expect(both.downstream).toEqual([
      { service: 'b', hops: 1 },
      { service: 'rare', hops: 1, last_seen },
    ]);
    expect(both.edges.map((each) => [each.callee, each.last_seen])).toEqual([
      ['rare', last_seen],
      ['b', undefined],
    ]);
  });

  it('of times that no calendar has are told without a time', () => {
    const far = call('1', 'a', 'b', { start: 1.7e18 });
    const both = chain([reading([]), reading(far, { earlier: true })]);
    expect(both.downstream).toEqual([{ service: 'b', hops: 1 }]);
    expect(both.edges.map((each) => each.last_seen)).toEqual([undefined]);
  });

  it('scale a sample to all traces', () => {
    const sampled = chain([reading(call('1', 'a', 'b'), { traces: { sampled: 10, total: 50 } })]);
    expect(sampled.edges[0]?.scale).toBe(5);
  });

  it('that do not hold the service leave it unknown', () => {
    expect(chain([reading(call('1', 'x', 'y'))]).status).toBe('unknown');
    expect(chain([]).status).toBe('unknown');
  });
});
