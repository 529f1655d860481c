import {
  metrics,
  trace,
  type Attributes,
  type MeterProvider,
  type TracerProvider,
} from '@opentelemetry/api';
import { providerOf } from '../../../src/adapters/model/gen-ai-conventions';
import { answer, sendJson } from '../../fixtures/servers/model';
import { modelOn, request, stopAll } from './fixture';

type Seen = { name: string; attributes: Attributes; status?: unknown; ended: boolean };
const spans: Seen[] = [];
const points: { name: string; value: number; attributes: Attributes }[] = [];

/** The least of an SDK: what is handed over is kept. */
beforeAll(() => {
  const startSpan = (name: string, { attributes }: { attributes: Attributes }) => {
    const seen: Seen = { name, attributes: { ...attributes }, ended: false };
    spans.push(seen);
    const span = {
      setAttributes: (more: Attributes) => (Object.assign(seen.attributes, more), span),
      setAttribute: (key: string, value: string) => ((seen.attributes[key] = value), span),
      setStatus: (status: unknown) => ((seen.status = status), span),
      end: () => (seen.ended = true),
    };
    return span;
  };
  const createHistogram = (name: string) => ({
    record: (value: number, attributes: Attributes) => points.push({ name, value, attributes }),
  });
  const createCounter = (name: string) => ({
    add: (value: number, attributes: Attributes) => points.push({ name, value, attributes }),
  });
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) } as unknown as TracerProvider);
  metrics.setGlobalMeterProvider({
    getMeter: () => ({ createHistogram, createCounter }),
  } as unknown as MeterProvider);
});
afterAll(() => {
  trace.disable();
  metrics.disable();
});
beforeEach(() => [spans, points].forEach((list) => list.splice(0)));
afterEach(stopAll);

it('tells of a paid call by the GenAI conventions, and nothing of a cached one', async () => {
  const { model } = await modelOn((call, response) => answer(call, response, { n: 1 }));
  await model.ask({ ...request, user: '"top secret"' });
  await model.ask({ ...request, user: '"top secret"' });
  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject({ name: 'chat m', ended: true });
  expect(spans[0]?.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': '127.0.0.1',
    'gen_ai.request.model': 'm',
    'gen_ai.response.model': 'stand-in-1',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.output_tokens': 10,
    'server.address': '127.0.0.1',
  });
  expect(points.map(({ name }) => name).sort()).toEqual([
    'gen_ai.client.operation.duration',
    'gen_ai.client.token.usage',
    'gen_ai.client.token.usage',
    'release_prep_upstream_duration',
    'release_prep_upstream_requests',
  ]);
  expect(JSON.stringify([spans, points])).not.toContain('secret');
});

it('names the error of a failed call, without its words', async () => {
  const { model } = await modelOn((_call, response) =>
    sendJson(response, { error: { message: 'top secret' } }, 503),
  );
  await model.ask(request).catch(() => undefined);
  expect(spans[0]).toMatchObject({ ended: true, attributes: { 'error.type': '503' } });
  const attributesOf = (name: string) => points.find((point) => point.name === name)?.attributes;
  expect(attributesOf('gen_ai.client.operation.duration')).toMatchObject({ 'error.type': '503' });
  expect(attributesOf('release_prep_upstream_requests')).toEqual({
    ...{ upstream: 'model', status: '503' },
  });
  expect(JSON.stringify([spans, points])).not.toContain('secret');
});

it.each([
  ['api.openai.com', 'openai'],
  ['shop.openai.azure.com', 'azure.ai.openai'],
  ['api.deepseek.com', 'deepseek'],
  ['models.example.com', 'models.example.com'],
])('knows %s as %s', (host, provider) => {
  expect(providerOf(host)).toBe(provider);
});
