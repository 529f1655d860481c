import fc from 'fast-check';
import { z } from 'zod';
import { createElasticsearch } from '../../../src/adapters/elasticsearch/elasticsearch';
import { apm } from '../../../src/adapters/topology/schemas/apm';
import { jaeger } from '../../../src/adapters/topology/schemas/jaeger';
import { logSchemas } from '../../../src/adapters/topology/schemas/logs';
import { otel } from '../../../src/adapters/topology/schemas/otel';
import { otelEcs } from '../../../src/adapters/topology/schemas/otel-ecs';
import { otelNone, otelRaw } from '../../../src/adapters/topology/schemas/otel-none';
import type {
  Hit,
  SchemaId,
  SpanSchema,
} from '../../../src/adapters/topology/schemas/topology-schema';
import { createTopology } from '../../../src/adapters/topology/topology';
import { zipkin } from '../../../src/adapters/topology/schemas/zipkin';
import { UpstreamError } from '../../../src/adapters/upstream/upstream-error';
import { ServiceChain } from '../../../src/domain/service-chain';
import { buildChain } from '../../../src/steps/service-chain/build-chain';
import type { Reading } from '../../../src/domain/topology/reading';
import {
  answersLike,
  expectCleanPrototype,
  mutationsOf,
  RUNS,
  type Json,
} from '../../fixtures/fuzz';
import { serveText, type TextServer } from '../../fixtures/text-server';
import { documentsOfSet, hitOf } from '../../fixtures/spans/topology-hits';

jest.setTimeout(600_000);

const SERVICE = 'checkoutservice';
const WINDOW = '2026-08-22T23:30:00Z/2026-08-23T00:30:00Z';
const chainOf = (
  reading:
    | Pick<Reading & { kind: 'spans' }, 'kind' | 'spans'>
    | Pick<Reading & { kind: 'logs' }, 'kind' | 'entries'>,
) =>
  buildChain(SERVICE, {
    readings: [{ schema: 's', earlier: true, traces: { sampled: 1, total: 1 }, ...reading }],
    source: { indices: [], window: { from: '', to: '' } },
    notes: [],
  });

/** Whatever the facts were, the chain of them is one that an issue can hold. */
function expectChain(chain: unknown): void {
  expect(ServiceChain.safeParse(JSON.parse(JSON.stringify(chain))).error).toBeUndefined();
  expectCleanPrototype();
}

/** Some traces of a set, as Elasticsearch answers them. */
function hitsOf(schema: Parameters<typeof hitOf>[0], set: string, from = 200, to = 220): Hit[] {
  return documentsOfSet(set)
    .slice(from, to)
    .map((document) => hitOf(schema, document, `${set}-2026-08-22`));
}

describe.each<[string, SpanSchema]>([
  ['otel', otel],
  ['otel-ecs', otelEcs],
  ['otel-none', otelNone],
  ['otel-raw', otelRaw],
  ['apm', apm],
  ['jaeger', jaeger],
  ['zipkin', zipkin],
])('documents of %s', (set, schema) => {
  const hits = hitsOf(schema, set);

  it('are spans or none, and any of them make a chain', () => {
    const mutated = mutationsOf(() => hits as unknown as Json);
    const seen = { spans: 0 };
    fc.assert(
      fc.property(mutated, (text) => {
        const damaged = (JSON.parse(text) as unknown[]).filter(isHit);
        const spans = damaged.flatMap((hit) => schema.toSpan(hit) ?? []);
        expect(z.array(SpanShape).safeParse(spans).error).toBeUndefined();
        seen.spans += spans.length;
        expectChain(chainOf({ kind: 'spans', spans }));
      }),
      { numRuns: RUNS },
    );
    expect(seen.spans).toBeGreaterThan(RUNS * 5);
  });
});

it('lines of logs are entries or none, and any of them make a chain', () => {
  const hits = hitsOf(logSchemas[0]!, 'logs');
  fc.assert(
    fc.property(
      mutationsOf(() => hits as unknown as Json),
      (text) => {
        const damaged = (JSON.parse(text) as unknown[]).filter(isHit);
        const entries = damaged.flatMap((hit) =>
          logSchemas.flatMap((each) => each.toEntry(hit) ?? []),
        );
        expect(z.array(EntryShape).safeParse(entries).error).toBeUndefined();
        expectChain(chainOf({ kind: 'logs', entries }));
      },
    ),
    { numRuns: 2 * RUNS },
  );
});

/** What is no hit never reaches a schema: the search refuses the answer (below). */
function isHit(value: unknown): value is Hit {
  const { fields } = Object(value) as { fields?: unknown };
  return typeof fields === 'object' && fields !== null && !Array.isArray(fields);
}

const Text = z.string();
const Time = z.number().nullable();
/** What the joiner relies on. */
const SpanShape = z.strictObject({
  ...{ trace: Text, id: Text, service: Text, failed: z.boolean(), shared: z.boolean() },
  ...{
    parent: Text.nullable(),
    peer: Text.nullable(),
    store: Text.nullable(),
    storeAt: Text.optional(),
    environment: Text.optional(),
    namespace: Text.optional(),
  },
  kind: z.enum(['client', 'server', 'producer', 'consumer', 'internal']),
  links: z.array(z.strictObject({ trace: Text, id: Text })),
  topic: z.strictObject({ system: Text, name: Text }).nullable(),
  ...{ start: Time, end: Time },
});
const EntryShape = z.strictObject({
  ...{ request: Text, service: Text, at: z.number(), duration: Time },
  phase: z.enum(['received', 'ended', 'during']),
  failed: z.boolean().nullable(),
});

/* What the server itself answers: one of all answers of a whole read is damaged. */

const entity = (caller: string, callee: string): string =>
  `${Buffer.from(caller).toString('base64')}.1-${Buffer.from(callee).toString('base64')}.1`;
const count = (value: number): Json => ({ doc_count: value, calls: { value } });
/** Buckets of a composite aggregation, by schema. */
const PAGES: Partial<Record<SchemaId, Json>> = {
  'apm-metrics': [
    {
      key: { service: SERVICE, resource: 'cart:80', name: 'GET /cart' },
      ...{
        calls: { value: 34 },
        failed: { calls: { value: 2 } },
        last: { value: 1_787_441_400_000 },
      },
      samples: { hits: { hits: [{ _source: { span: { id: 's1', type: 'external' } } }] } },
    },
  ],
  skywalking: [
    {
      key: { entity: entity(SERVICE, 'cart') },
      ...{ server: { doc_count: 3 }, client: { doc_count: 3 } },
      ...{ server_calls: count(7), client_calls: count(7) },
      ...{ server_rated: { doc_count: 3 }, client_rated: { doc_count: 3 } },
      last: { value: 202_608_222_345 },
    },
  ],
};
const edge = { parent: SERVICE, child: 'cart', callCount: 20, errorCount: 1 };
const SOURCES: Partial<Record<SchemaId, Json>> = {
  'apm-metrics': { parent: { id: 's1' }, service: { name: 'cart' } },
  skywalking: { metric_table: 'x', entity_id: entity(SERVICE, 'cart'), total: 9, match: 7 },
  'jaeger-dependencies': { timestamp: '2026-08-22T00:00:00Z', dependencies: [edge] },
  'zipkin-dependency': edge,
};

const READS: [SchemaId, Hit[]][] = [
  ['otel', hitsOf(otel, 'otel')],
  ['jaeger', hitsOf(jaeger, 'jaeger')],
  ['logs', hitsOf(logSchemas[0]!, 'logs', 0, 150)],
  ['apm-metrics', []],
  ['skywalking', []],
  ['jaeger-dependencies', []],
  ['zipkin-dependency', []],
];

/** A whole answer of each address that a read asks. */
function answersFor(schema: SchemaId, hits: Hit[]) {
  const searched = (): Json => ({
    took: 1,
    timed_out: false,
    _shards: { total: 2, successful: 2, skipped: 0, failed: 0 },
    _clusters: { total: 1, successful: 1, skipped: 0, running: 0, partial: 0, failed: 0 },
    hits: {
      hits:
        SOURCES[schema] === undefined
          ? hits.map(({ index, fields, source }, n) => ({
              _index: index,
              fields: fields as Json,
              _source: source as Json,
              sort: [n],
            }))
          : [{ _index: 'x-2026-08-22', _source: SOURCES[schema], sort: [1, 'a'] }],
    },
    aggregations: {
      newest: { value: 1_787_441_400_000 },
      total: { value: 12 },
      ids: {
        buckets: [
          { key: 't1', doc_count: 3 },
          { key: 't2', doc_count: 1 },
        ],
      },
      pages: { after_key: { service: 'x' }, buckets: PAGES[schema] ?? [] },
    },
  });
  const caps = (): Json => ({
    indices: ['x-2026-08-22'],
    fields: Object.fromEntries(
      [
        'trace_id',
        'traceID',
        'request_id',
        'service',
        'entity_id',
        'dependencies.parent',
        'service.name',
      ].map((name) => [
        name,
        { keyword: { type: 'keyword', searchable: true, aggregatable: true } },
      ]),
    ),
  });
  return {
    _field_caps: caps,
    // Samples alone: twelve schemas are asked at once.
    _msearch: (): Json => ({ ...(searched() as object), hits: { hits: [] } }),
    _pit: (): Json => ({ id: 'pit' }),
    _search: searched,
  };
}

describe.each(READS)('answers about %s', (schema, hits) => {
  let server: TextServer;
  let client: ReturnType<typeof createElasticsearch>;
  beforeAll(async () => {
    server = await serveText({ 'x-elastic-product': 'Elasticsearch' });
    client = createElasticsearch({ url: server.url });
  });
  afterAll(async () => {
    await client.close();
    server.stop();
  });
  const answers = answersFor(schema, hits);
  const names = Object.keys(answers) as (keyof typeof answers)[];
  const damaged = fc.oneof(
    ...names.map((name) => answersLike(answers[name]).map((text) => ({ name, text }))),
  );

  const whole = Object.fromEntries(names.map((name) => [name, JSON.stringify(answers[name]())]));
  function answerWith(broken: { name: string; text: string } | undefined): void {
    server.answer = (url, body) => {
      const name = names.find((each) => url.includes(each)) ?? '_search';
      const text = broken?.name === name ? broken.text : (whole[name] ?? '');
      if (!url.includes('_msearch')) return text;
      const asked = body.trim().split('\n').length / 2;
      return `{"took":1,"responses":[${Array.from({ length: asked }, () => text).join(',')}]}`;
    };
  }
  const read = (set: SchemaId | 'auto') =>
    createTopology({
      ...{ url: server.url, client, schema: set, indexPrefix: '', window: WINDOW },
    }).trace({ service: SERVICE, now: new Date() });

  it('give the chain while they are whole', async () => {
    answerWith(undefined);
    const chain = buildChain(SERVICE, await read(schema));
    expect([chain.status === 'unknown', chain.source.schema]).toEqual([false, schema]);
    expectChain(chain);
  });

  it('give a chain or the documented error when one of them is not', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, fc.boolean(), async (broken, auto) => {
        answerWith(broken);
        const traced = await read(auto ? 'auto' : schema).catch((error: unknown) => {
          expect(error).toBeInstanceOf(UpstreamError);
          expect((error as Error).message.length).toBeLessThan(1_000);
          return undefined;
        });
        if (traced !== undefined) expectChain(buildChain(SERVICE, traced));
        expectCleanPrototype();
      }),
      { numRuns: RUNS / 2 },
    );
  });
});
