import { otel } from '../../../../src/adapters/topology/schemas/otel';
import { otelEcs } from '../../../../src/adapters/topology/schemas/otel-ecs';
import { otelNone, otelRaw } from '../../../../src/adapters/topology/schemas/otel-none';
import { hitOf, jsonFixture, readFixture, toSpan } from '../../../fixtures/spans/topology-hits';

const start = Date.parse('2024-01-15T10:30:00Z');
/** The collector's own golden span, in each mode. */
const golden = {
  trace: '0102030405060708090a0b0c0d0e0f10',
  id: '0102030405060708',
  parent: '0001020304050607',
  service: 'test-service',
  kind: 'server',
  failed: false,
  links: [{ trace: '100f0e0d0c0b0a090807060504030201', id: '0807060504030201' }],
  environment: 'production',
  peer: 'example.com',
  store: 'postgresql',
  storeAt: '/users_db',
  topic: null,
  shared: false,
  start,
  end: start + 150,
};

it.each([
  ['otel', otel, golden],
  ['none', otelNone, golden],
  ['raw', otelRaw, golden],
  // This mode writes no duration.
  ['ecs', otelEcs, { ...golden, end: null }],
] as const)("maps the collector's golden span of mode %s", (mode, schema, span) => {
  expect(toSpan(schema, jsonFixture(`real-otel/golden_${mode}_traces.json`))).toEqual(span);
});

const schemas = [otel, otelEcs, otelNone, otelRaw] as const;

it('maps no span of a document without ids, and none of a log', () => {
  const lines = readFixture('real-otel/exporter_test_otel_span_bulk.ndjson').split('\n');
  for (const line of lines.filter((each) => each !== '')) {
    for (const schema of schemas) expect(toSpan(schema, JSON.parse(line))).toBeNull();
  }
});

it.each(['otel', 'none', 'ecs'])('keeps to its own documents: mode %s', (mode) => {
  const document = jsonFixture(`real-otel/golden_${mode}_traces.json`);
  const takers = schemas.filter((schema) => toSpan(schema, document) !== null).map(({ id }) => id);
  // `none` and `raw` differ in the names of attributes alone; their query tells them apart.
  const own = { otel: ['otel'], none: ['otel-none', 'otel-raw'], ecs: ['otel-ecs'] };
  expect(takers).toEqual(own[mode as keyof typeof own]);
});

it('takes no document of Elastic APM for one of mode ecs', () => {
  const document = jsonFixture('real-otel/golden_ecs_traces.json') as Record<string, unknown>;
  expect(toSpan(otelEcs, { ...document, processor: { event: 'span' } })).toBeNull();
});

describe('links in a text', () => {
  const linked = (Link: unknown) =>
    toSpan(otelNone, { TraceId: 't', SpanId: 's', 'Resource.service.name': 'shop', Link })?.links;

  it.each([['[]'], [''], ['{"traceID":"t"}'], ['[{"traceID":1}]'], ['[{"trac'], [7], [null]])(
    'that hold none or are broken are none: %j',
    (text) => expect(linked(text)).toEqual([]),
  );
});

it.each([
  ['otel', otel, { status: { code: 'Error' } }, true],
  ['otel', otel, { status: { code: 'Ok' } }, false],
  ['none', otelNone, { TraceStatus: 2 }, true],
  ['none', otelNone, { TraceStatus: 1 }, false],
  ['ecs', otelEcs, { event: { outcome: 'failure' } }, true],
  ['ecs', otelEcs, { event: { outcome: 'unknown' } }, false],
  ['ecs', otelEcs, {}, false],
])('reads failures of mode %s', (_, schema, status, failed) => {
  const ids = {
    ...{ trace_id: 't', span_id: 's', resource: { attributes: { 'service.name': 'shop' } } },
    ...{ TraceId: 't', SpanId: 's', 'Resource.service.name': 'shop' },
    ...{ trace: { id: 't' }, span: { id: 's' }, service: { name: 'shop' } },
  };
  expect(toSpan(schema, { ...ids, ...status })?.failed).toBe(failed);
});

it('reads what is called from newer and older attributes, and a port only after an address', () => {
  const called = (attributes: object) =>
    toSpan(otel, {
      trace_id: 't',
      span_id: 's',
      resource: { attributes: { 'service.name': 'shop' } },
      attributes,
    });
  expect(called({ 'server.address': 'cart', 'server.port': 80 })?.peer).toBe('cart:80');
  expect(called({ 'net.peer.name': 'cart', 'net.peer.port': 80 })?.peer).toBe('cart:80');
  expect(called({ 'peer.service': 'cart', 'server.port': 80 })?.peer).toBe('cart');
  expect(called({ 'server.port': 80 })?.peer).toBeNull();
  expect(called({ 'db.system.name': 'redis' })?.store).toBe('redis');
  const sql = { 'db.type': 'sql', 'peer.service': 'orders-mysql', 'net.peer.port': 3306 };
  expect(called(sql)?.store).toBe('orders-mysql');
  expect(called({ 'db.system': 'other_sql' })?.store).toBe('other_sql');
  const orders = { system: 'kafka', name: 'orders' };
  expect(
    called({ 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' })?.topic,
  ).toEqual(orders);
  expect(called({ 'messaging.system': 'kafka', 'messaging.destination': 'orders' })?.topic).toEqual(
    orders,
  );
  expect(called({ 'messaging.destination.name': 'orders' })?.topic).toBeNull();
});

it('takes for kinds and numbers what is one, whatever a field holds', () => {
  const read = (fields: Record<string, unknown[]>) =>
    otel.toSpan({
      index: 'i',
      fields: {
        trace_id: ['t'],
        span_id: ['s'],
        'resource.attributes.service.name': ['shop'],
        ...fields,
      },
      source: undefined,
    });
  expect(read({ kind: ['constructor'] })?.kind).toBe('internal');
  expect(read({ '@timestamp': ['1787441473003.5'] })?.start).toBe(1_787_441_473_003.5);
  const deep = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000)) as unknown;
  for (const time of ['', ' ', true, null, [7], {}, 'NaN', '1e999', deep])
    expect(read({ '@timestamp': [time] })?.start).toBeNull();
});

it('asks for every field that it reads, and for no other', () => {
  const { fields } = hitOf(otel, { trace_id: 't', name: 'GET /', '@timestamp': '1705314600123.9' });
  expect(fields).toEqual({ trace_id: ['t'], '@timestamp': ['1705314600123'] });
});
