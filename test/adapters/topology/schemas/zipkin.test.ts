import { zipkin } from '../../../../src/adapters/topology/schemas/zipkin';
import { joinSpans } from '../../../../src/steps/service-chain/spans/join-spans';
import type { Span } from '../../../../src/domain/topology/span';
import { jsonFixture, readFixture, toSpan } from '../../../fixtures/spans/topology-hits';

const spans = readFixture('real-zipkin/spans.ndjson')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => toSpan(zipkin, (JSON.parse(line) as { _source: unknown })._source))
  .filter((span): span is Span => span !== null);

it("maps Zipkin's own spans, both halves of a call under one id", () => {
  expect(spans).toHaveLength(4);
  expect(spans[2]).toEqual({
    trace: '7180c278b62e8f6a216a2aea45d08fc9',
    id: '0000000000000002',
    parent: '0000000000000001',
    service: 'backend',
    kind: 'server',
    failed: false,
    links: [],
    peer: null,
    store: null,
    topic: null,
    shared: true,
    start: 101,
    end: 251,
  });
  expect(spans[3]).toMatchObject({ kind: 'client', peer: 'db', failed: true, shared: false });
});

it('joins them: the shared half was called, and what follows it is its own', () => {
  const calls = joinSpans([spans])
    .flatMap((joined) => joined.calls)
    .map(({ caller, callee }) => [caller, callee]);
  expect(calls).toEqual([
    ['frontend', 'backend'],
    ['backend', 'db'],
  ]);
});

it('reads topics of Brave, where the system is part of the tag', () => {
  const list = jsonFixture('real-zipkin/messaging-kafka.json') as unknown[];
  const kafka = list.map((each) => toSpan(zipkin, each));
  expect(kafka).not.toContain(null);
  expect(kafka[0]).toMatchObject({
    kind: 'consumer',
    topic: { system: 'kafka', name: 'messages' },
  });
  const topics = kafka.filter((span) => span?.kind === 'producer').map((span) => span?.topic?.name);
  expect(new Set(topics)).toEqual(new Set(['messages', 'central.messages', 'command-messages']));
});

const ids = { traceId: 't', id: 's', localEndpoint: { serviceName: 'shop' } };

it('calls a span failed by its tag alone, whatever that says', () => {
  expect(toSpan(zipkin, { ...ids, tags: { error: '' } })?.failed).toBe(true);
  expect(toSpan(zipkin, { ...ids, tags: {} })?.failed).toBe(false);
});

it('has the time in microseconds, or else in milliseconds', () => {
  const times = { timestamp_millis: 5, duration: 2500 };
  expect(toSpan(zipkin, { ...ids, ...times, timestamp: 5250 })).toMatchObject({
    start: 5.25,
    end: 7.75,
  });
  expect(toSpan(zipkin, { ...ids, ...times })).toMatchObject({ start: 5, end: 7.5 });
});

it.each([
  {},
  null,
  [],
  'text',
  { traceId: 't', id: 's' },
  { id: 'a|b', parent: 'a', child: 'b', callCount: 1 },
  jsonFixture('real-jaeger/span_es_01.json'),
])('maps no span of what is none: %#', (document) => {
  expect(toSpan(zipkin, document)).toBeNull();
});

it('survives tags, times and flags of other types', () => {
  const odd = { tags: ['x'], shared: 'yes', timestamp: '5', duration: null };
  expect(toSpan(zipkin, { ...ids, ...odd })).toMatchObject({ topic: null, failed: false });
});

it('asks for a service as Zipkin spells it, and for topics as `key=value`', () => {
  const plain = (field: string): string => field;
  expect(zipkin.about('Shop', plain)).toEqual({ term: { 'localEndpoint.serviceName': 'shop' } });
  const query = JSON.stringify(zipkin.onTopic?.([{ system: 'kafka', name: 'orders' }], plain));
  expect(query).toContain('"messaging.destination.name=orders"');
  expect(query).toContain('"kafka.topic=orders"');
  expect(query).not.toContain('jms.');
});
