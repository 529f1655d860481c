import { apm } from '../../../../src/adapters/topology/schemas/apm';
import type { Hit } from '../../../../src/adapters/topology/schemas/topology-schema';
import { jsonFixture, toSpan } from '../../../fixtures/spans/topology-hits';

/** Answers of a real server, recorded as `fields`. */
const recorded = (name: string) =>
  (jsonFixture(`real-apm/apm-server_${name}.approved.json`) as Hit['fields'][]).map((fields) =>
    apm.toSpan({ index: 'i', fields, source: {} }),
  );
const events = (name: string) =>
  (jsonFixture(`real-apm/apm-data_${name}.approved.json`) as { events: unknown[] }).events.map(
    (event) => toSpan(apm, event),
  );

it('maps exit spans of a real server by their destination', () => {
  const spans = recorded('Spans');
  expect(spans).toHaveLength(10);
  expect(spans).not.toContain(null);
  expect(spans[0]).toEqual({
    trace: 'abcdef0123456789abcdef9876543210',
    id: '1234567890aaaade',
    parent: 'abcdef0123456789',
    service: 'service1',
    environment: 'staging',
    namespace: 'namespace1',
    kind: 'client',
    failed: false,
    links: [],
    peer: 'postgres/testdb',
    store: 'postgresql',
    storeAt: '/testdb',
    topic: null,
    shared: false,
    start: 1532976822281,
    end: expect.any(Number) as number,
  });
  expect(spans[8]).toMatchObject({ kind: 'client', peer: 'localhost:8080', store: null });
  // A database span without a destination left nothing.
  expect(spans[4]).toMatchObject({ kind: 'internal', store: null });
  expect(spans[6]).toMatchObject({ kind: 'consumer', topic: { system: 'jms', name: 'new_users' } });
});

it('maps transactions of a real server; a queue without a known system is no topic', () => {
  const spans = recorded('Transactions');
  expect(spans.map((span) => span?.kind)).toEqual([
    'consumer',
    ...['server', 'server', 'server', 'server'],
  ]);
  expect(spans[0]).toMatchObject({ id: '00xxxxFFaaaa1234', topic: null });
});

it('passes errors, logs and metrics by', () => {
  expect(recorded('TestOTLPGRPCTraces').map((span) => span?.kind)).toEqual([
    undefined,
    undefined,
    'server',
  ]);
  expect(recorded('TestServiceDestinationAggregation').every((span) => span === null)).toBe(true);
});

it('tells spans from errors and logs also where `processor.event` is not written', () => {
  const http = events('span_jaeger_http');
  expect(http[0]).toMatchObject({ kind: 'client', peer: 'foo.bar.com:80', failed: true });
  expect(http.slice(1).every((span) => span === null)).toBe(true);
  const full = events('transaction_jaeger_full');
  expect(full[0]).toMatchObject({ kind: 'server', failed: true, parent: null });
  expect(full.slice(1).every((span) => span === null)).toBe(true);
  // It received from a queue and was not an exit: who wrote there is not told.
  expect(events('span_jaeger_messaging')[0]).toMatchObject({ kind: 'internal' });
});

const common = {
  trace: { id: 't' },
  service: { name: 'shop', framework: { name: 'Spring AMQP' } },
  processor: { event: 'transaction' },
};

it.each([
  [{}, 'rabbitmq'],
  [{ labels: { messaging_system: 'kafka' } }, 'kafka'],
])('knows the system of a queue from label or framework', (more, system) => {
  const transaction = { id: 's', type: 'messaging', message: { queue: { name: 'orders' } } };
  expect(toSpan(apm, { ...common, transaction, ...more })).toMatchObject({
    kind: 'consumer',
    topic: { system, name: 'orders' },
  });
});

it('knows no system of a framework that only the prototype of objects knows', () => {
  const transaction = { id: 's', type: 'messaging', message: { queue: { name: 'orders' } } };
  const service = { name: 'shop', framework: { name: 'constructor' } };
  expect(toSpan(apm, { ...common, transaction, service })).toMatchObject({ topic: null });
});

it('reads what a producer writes to, and links in both shapes', () => {
  const span = {
    id: 's',
    type: 'messaging',
    subtype: 'kafka',
    destination: { service: { resource: 'kafka/orders' } },
    links: [{ trace: { id: 'u' }, span: { id: 'p' } }],
  };
  const service = { name: 'shop', target: { type: 'kafka', name: 'orders' } };
  const document = { trace: { id: 't' }, processor: { event: 'span' }, service, span };
  const expected = {
    kind: 'producer',
    topic: { system: 'kafka', name: 'orders' },
    links: [{ trace: 'u', id: 'p' }],
  };
  expect(toSpan(apm, document)).toMatchObject(expected);
  const { links, ...rest } = span;
  expect(toSpan(apm, { ...document, span: rest, 'span.links': links })).toMatchObject(expected);
});

it.each([
  {},
  null,
  [],
  'text',
  { ...common, transaction: { id: 's' }, trace: {} },
  jsonFixture('real-otel/golden_ecs_traces.json'),
  jsonFixture('real-jaeger/span_es_01.json'),
])('maps no span of what is none: %#', (document) => {
  expect(toSpan(apm, document)).toBeNull();
});
