import { jaeger } from '../../../../src/adapters/topology/schemas/jaeger';
import { jsonFixture, toSpan } from '../../../fixtures/spans/topology-hits';

const since220 = {
  trace: '00000000000000010000000000000000',
  id: '0000000000000002',
  parent: '0000000000000003',
  service: 'service-x',
  kind: 'internal',
  failed: true,
  links: [
    { trace: '00000000000000010000000000000000', id: '0000000000000004' },
    { trace: '00000000000000ff0000000000000000', id: '00000000000000ff' },
  ],
  peer: 'service-y',
  store: null,
  topic: null,
  shared: false,
  start: 1485467191639.875,
  end: 1485467191639.88,
};

it.each(['span_es_01.json', 'span_es_01_string_tags.json'])(
  "maps Jaeger's own document %s",
  (name) => expect(toSpan(jaeger, jsonFixture(`real-jaeger/${name}`))).toEqual(since220),
);

it('finds the parent among the references where no field names it, before 2.20', () => {
  const document = jsonFixture('real-jaeger/span_core_es_01_pre-2.20_no_parentSpanID.json');
  expect(toSpan(jaeger, document)).toEqual({
    ...since220,
    trace: '0000000000000001',
    links: [
      { trace: '0000000000000001', id: '0000000000000004' },
      { trace: '00000000000000ff', id: '00000000000000ff' },
    ],
  });
});

const ids = { traceID: 't', spanID: 's', process: { serviceName: 'shop' } };

it('reads tags alike whether nested or as fields, also when a document has some of each', () => {
  const expected = { kind: 'client', failed: true, peer: 'cart:80', store: 'redis' };
  const tags = (pairs: Record<string, unknown>) =>
    Object.entries(pairs).map(([key, value]) => ({ key, type: 'string', value }));
  const call = { 'span.kind': 'client', 'server.address': 'cart' };
  const rest = { 'server.port': 80, 'db.system': 'redis', error: true };
  const asFields = (pairs: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(pairs).map(([key, value]) => [key.replaceAll('.', '@'), value]),
    );
  const nested = toSpan(jaeger, { ...ids, tags: tags({ ...call, ...rest }) });
  const fields = toSpan(jaeger, { ...ids, tags: [], tag: asFields({ ...call, ...rest }) });
  const mixed = toSpan(jaeger, { ...ids, tags: tags(call), tag: asFields(rest) });
  for (const span of [nested, fields, mixed]) expect(span).toMatchObject(expected);
});

it('takes a FOLLOWS_FROM alone for a link, not for a parent', () => {
  const references = [{ refType: 'FOLLOWS_FROM', traceID: 'u', spanID: 'p' }];
  expect(toSpan(jaeger, { ...ids, references })).toMatchObject({
    parent: null,
    links: [{ trace: 'u', id: 'p' }],
  });
});

it.each([
  {},
  null,
  'text',
  [],
  { traceID: 't', spanID: 's' },
  { serviceName: 'shop', operationName: 'GET /' },
  jsonFixture('real-otel/golden_otel_traces.json'),
  jsonFixture('real-jaeger/write_dependencies_bulk.json'),
])('maps no span of what is none: %#', (document) => {
  expect(toSpan(jaeger, document)).toBeNull();
});

it('survives broken tags and references', () => {
  for (const broken of [7, 'x', {}, [null], [{ key: 1 }]]) {
    const span = toSpan(jaeger, { ...ids, tags: broken, tag: broken, references: broken });
    expect(span).toMatchObject({ parent: null, links: [], kind: 'internal', failed: false });
  }
  expect(toSpan(jaeger, { ...ids, startTime: 'yesterday' })).toMatchObject({
    start: null,
    end: null,
  });
});

it('asks for links from other traces only, and for topics in both encodings', () => {
  const plain = (field: string): string => field;
  expect(jaeger.linkedFrom?.(['t'], plain)).toMatchObject({
    bool: { must_not: [{ terms: { traceID: ['t'] } }] },
  });
  const query = JSON.stringify(jaeger.onTopic?.([{ system: 'kafka', name: 'orders' }], plain));
  expect(query).toContain('"tag.messaging@destination@name":["orders"]');
  expect(query).toContain('"tags.value":["orders"]');
});
