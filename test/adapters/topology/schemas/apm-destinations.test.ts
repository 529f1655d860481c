import {
  relationsOfDestinations,
  type Destination,
  type ExitSample,
} from '../../../../src/adapters/topology/schemas/apm-destinations';

const to = (
  resource: string,
  name: string | null,
  more: Partial<Destination> = {},
): Destination => ({
  service: 'shop',
  resource,
  name,
  calls: 10,
  errors: 1,
  lastSeen: null,
  ...more,
});
const exit = (
  resource: string,
  name: string | null,
  callees: string[],
  type = 'external',
): ExitSample => ({ service: 'shop', resource, name, type, callees });

it('tells callees behind one gateway apart by span name', () => {
  const relations = relationsOfDestinations(
    [to('gateway:80', 'POST /mail'), to('gateway:80', 'POST /ship', { calls: 5 })],
    [
      exit('gateway:80', 'POST /mail', []),
      exit('gateway:80', 'POST /mail', ['mail']),
      exit('gateway:80', 'POST /ship', ['ship']),
    ],
  );
  expect(relations).toEqual([
    { caller: 'shop', callee: 'mail', calls: 10, errors: 1, via: 'sync' },
    { caller: 'shop', callee: 'ship', calls: 5, errors: 1, via: 'sync' },
  ]);
});

it('leaves calls unresolved, with candidates, when samples disagree', () => {
  const samples = [exit('gateway:80', 'POST', ['ship']), exit('gateway:80', 'POST', ['mail'])];
  const [relation] = relationsOfDestinations([to('gateway:80', 'POST')], samples);
  expect(relation).toMatchObject({
    callee: 'gateway:80',
    kind: 'unresolved',
    candidates: ['mail', 'ship'],
    calls: 10,
  });
});

it('leaves calls unresolved that nobody answered and whose host no service is called', () => {
  expect(relationsOfDestinations([to('gateway:80', 'GET')], [])).toMatchObject([
    { callee: 'gateway:80', kind: 'unresolved' },
  ]);
});

it('takes the host for the callee where a service of that name reports', () => {
  const destinations = [to('quote:8090', 'GET'), to('x', 'y', { service: 'quote' })];
  expect(relationsOfDestinations(destinations, [])[0]).toMatchObject({ callee: 'quote' });
  expect(relationsOfDestinations(destinations, [])[0]).not.toHaveProperty('kind');
});

it('goes by the resource alone where a server writes no span name', () => {
  const samples = [exit('cart:1', 'GetCart', ['cart']), exit('cart:1', 'AddItem', ['cart'])];
  expect(relationsOfDestinations([to('cart:1', null)], samples)).toMatchObject([
    { callee: 'cart', calls: 10 },
  ]);
  const mixed = [exit('gw', 'a', ['mail']), exit('gw', 'b', ['ship'])];
  expect(relationsOfDestinations([to('gw', null)], mixed)).toMatchObject([
    { kind: 'unresolved', candidates: ['mail', 'ship'] },
  ]);
});

it('gives each consumer of a topic every message, and keeps stores and unheard brokers external', () => {
  const relations = relationsOfDestinations(
    [to('kafka/orders', 'send'), to('redis', 'GET'), to('sqs/mail', 'send')],
    [
      exit('kafka/orders', 'send', ['fraud', 'accounts'], 'messaging'),
      exit('kafka/orders', 'send', ['fraud'], 'messaging'),
      exit('redis', 'GET', [], 'db'),
      exit('sqs/mail', 'send', [], 'messaging'),
    ],
  );
  expect(relations.map(({ callee, kind, via }) => [callee, kind, via])).toEqual([
    ['accounts', undefined, 'async'],
    ['fraud', undefined, 'async'],
    ['redis', 'external', 'sync'],
    ['sqs/mail', 'external', 'async'],
  ]);
});

it('adds what several names of one edge counted and drops calls of a service to itself', () => {
  const relations = relationsOfDestinations(
    [
      to('cart:1', 'a', { lastSeen: 1_000 }),
      to('cart:1', 'b', { lastSeen: 2_000 }),
      to('shop:1', 'c'),
    ],
    [exit('cart:1', 'a', ['cart']), exit('cart:1', 'b', ['cart']), exit('shop:1', 'c', ['shop'])],
  );
  expect(relations).toEqual([
    {
      caller: 'shop',
      callee: 'cart',
      calls: 20,
      errors: 2,
      via: 'sync',
      last_seen: '1970-01-01T00:00:02.000Z',
    },
  ]);
});
