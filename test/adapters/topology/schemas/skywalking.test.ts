import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {
  bucketTime,
  minuteBucket,
  parseEntity,
  serviceId,
} from '../../../../src/adapters/topology/schemas/skywalking-names';
import {
  relationsOfEntities,
  type EntityCounts,
} from '../../../../src/adapters/topology/schemas/skywalking-relations';

const none = { minutes: 0, calls: null, rated: false };
const seen = (calls: number | null, rated = true) => ({ minutes: 3, calls, rated });
const address = (name: string): string => `${Buffer.from(name).toString('base64')}.0`;
const count = (source: string, dest: string, sides: Partial<EntityCounts>): EntityCounts => ({
  entity: `${source}-${dest}`,
  server: none,
  client: none,
  lastSeen: null,
  ...sides,
});

it('reads both ends of an entity id, whatever the names hold', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.string({ minLength: 1, unit: 'grapheme' }),
      (a, b) => {
        fc.pre(!/\p{Cs}/u.test(a + b));
        expect(parseEntity(`${serviceId(a)}-${address(b)}`)).toEqual({
          source: { name: a, real: true },
          dest: { name: b, real: false },
        });
      },
    ),
  );
  expect(parseEntity('a-b')).toBeNull();
  expect(parseEntity('')).toBeNull();
});

it('writes and reads minute buckets, above every hour and day of the same index', () => {
  const at = Date.parse('2026-08-22T23:30:00Z');
  expect(minuteBucket(at)).toBe(202608222330);
  expect(bucketTime(202608222330)).toBe(at);
  expect(minuteBucket(0)).toBeGreaterThan(2026082223);
  expect(bucketTime(2026082223)).toBeNaN();
});

it('counts what the server saw, and of callees without an agent what the client saw', () => {
  const shop = serviceId('shop');
  const relations = relationsOfEntities(
    [
      count(shop, serviceId('cart'), { server: seen(7), client: seen(9), lastSeen: 60_000 }),
      count(shop, address('redis:6379'), { client: seen(5) }),
    ],
    new Map([
      [`server ${shop}-${serviceId('cart')}`, 2],
      [`client ${shop}-${serviceId('cart')}`, 3],
    ]),
  );
  expect(relations).toEqual([
    {
      caller: 'shop',
      callee: 'cart',
      calls: 7,
      errors: 2,
      via: 'sync',
      last_seen: '1970-01-01T00:01:00.000Z',
    },
    { caller: 'shop', callee: 'redis:6379', kind: 'unresolved', calls: 5, errors: 0, via: 'sync' },
  ]);
});

it('gives calls to the address of a known service to that service', () => {
  const relations = relationsOfEntities(
    [
      count(serviceId('ship'), serviceId('quote'), { server: seen(50) }),
      count(serviceId('ship'), address('quote:8090'), { client: seen(7) }),
    ],
    new Map(),
  );
  expect(relations).toMatchObject([{ callee: 'quote', calls: 57 }]);
});

it('leaves out the nameless user and rows without a sight of the call', () => {
  expect(
    relationsOfEntities(
      [
        count(address('User'), serviceId('shop'), { server: seen(9) }),
        count(serviceId('a'), serviceId('b'), {}),
        count(serviceId('a'), serviceId('a'), { server: seen(1) }),
        count('nonsense', '', { server: seen(1) }),
      ],
      new Map(),
    ),
  ).toEqual([]);
});

it('tells a relation without a time where the newest of its buckets is no minute', () => {
  const seldom = { ...count(serviceId('a'), serviceId('b'), { client: seen(1) }), lastSeen: NaN };
  expect(relationsOfEntities([seldom], new Map())).toEqual([
    { caller: 'a', callee: 'b', calls: 1, errors: 0, via: 'sync' },
  ]);
});

it('says that errors are unknown where no success is counted, and counts minutes where no call is', () => {
  const [relation] = relationsOfEntities(
    [count(serviceId('a'), serviceId('b'), { client: seen(null, false) })],
    new Map(),
  );
  expect(relation).toMatchObject({ calls: 3, errors: null });
});

it('reads the documents of a real installation', () => {
  const text = readFileSync(
    path.resolve(__dirname, '../../../fixtures/topology/real-skywalking/documents.ndjson'),
    'utf8',
  );
  const documents = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { _index: string; _source: Record<string, unknown> });
  const ends = documents.map(({ _source }) => parseEntity(String(_source['entity_id'])));
  expect(ends.slice(0, 3)).toEqual([
    { source: real('monitor-cat-app'), dest: real('monitor-cat-web') },
    { source: real('monitor-cat-app'), dest: { name: '127.0.0.1:8899', real: false } },
    { source: real('monitor-cat-app'), dest: real('monitor-cat-web') },
  ]);
  expect(
    documents.slice(0, 3).map(({ _source }) => bucketTime(Number(_source['time_bucket']))),
  ).toEqual([Date.parse('2022-09-19T15:10:00Z'), Date.parse('2022-09-19T15:10:00Z'), NaN]);
  expect(ends[3]).toBeNull();
});

const real = (name: string) => ({ name, real: true });
