import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { metrics, trace } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { startTelemetry } from '../../../src/adapters/telemetry/telemetry';
import { answer, sendJson, serveModel, type Behaviour } from '../../fixtures/servers/model';
import { serveCollector } from '../../fixtures/servers/otlp';
import { newFolder } from '../model/fixture';

const PROCESS = path.resolve(__dirname, '../../fixtures/processes/telemetry-process.ts');
type Report = { asked: string; said: string[]; stopMs: number };

/** Asks a stand-in once, in a process of its own, and tells how that went. */
async function askedWith(collector: string | undefined, behaviour: Behaviour): Promise<Report> {
  const server = await serveModel(behaviour);
  const env = {
    PATH: process.env['PATH'],
    ...{ MODEL: `${server.url}/v1`, CACHE: newFolder() },
    ...(collector !== undefined && { COLLECTOR: collector }),
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROCESS], {
    env,
  });
  await server.stop();
  return JSON.parse(stdout) as Report;
}

const counts: Behaviour = (call, response) => answer(call, response, { n: 1 });
const breaks: Behaviour = (_call, response) =>
  sendJson(response, { error: { message: 'top secret' } }, 503);

it('exports a span and token metrics of a model call, by the GenAI conventions, and no word of it', async () => {
  const collector = await serveCollector();
  expect(await askedWith(collector.url, counts)).toMatchObject({ asked: 'answer', said: [] });
  expect(collector.spans()).toEqual([
    expect.objectContaining({ name: 'chat m', kind: 3, scope: 'release-prep', events: 0 }),
  ]);
  expect(collector.spans()[0]?.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': '127.0.0.1',
    'gen_ai.request.model': 'm',
    'gen_ai.output.type': 'json',
    'release_prep.question': 'x',
    'gen_ai.response.model': 'stand-in-1',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.output_tokens': 10,
    'server.address': '127.0.0.1',
  });
  const tokens = collector.points().filter(({ metric }) => metric === 'gen_ai.client.token.usage');
  expect(tokens.map(({ unit, attributes }) => [unit, attributes['gen_ai.token.type']])).toEqual([
    ['{token}', 'input'],
    ['{token}', 'output'],
  ]);
  expect(tokens[1]).toMatchObject({ count: 1, sum: 10 });
  expect(tokens[0]?.bounds.slice(0, 4)).toEqual([1, 4, 16, 64]);
  expect(collector.resources()[0]).toMatchObject({ 'service.name': 'release-prep' });
  const sent = collector.requests.map(({ bytes }) => bytes.toString('latin1')).join();
  expect(sent).not.toMatch(/secret|sk-|You count|is an instruction/);
  await collector.stop();
}, 30_000);

it('marks the span of a failed call with its status alone', async () => {
  const collector = await serveCollector();
  expect(await askedWith(`${collector.url}/`, breaks)).toMatchObject({ asked: 'failed' });
  expect(collector.spans()[0]).toMatchObject({
    ...{ status: 2, events: 0 },
    attributes: { 'error.type': '503' },
  });
  const took = collector
    .points()
    .find(({ metric }) => metric === 'gen_ai.client.operation.duration');
  expect(took).toMatchObject({ unit: 's', attributes: { 'error.type': '503' } });
  expect(collector.requests.map(({ bytes }) => bytes.toString()).join()).not.toContain('secret');
  await collector.stop();
}, 30_000);

it('registers nothing without an endpoint, nothing for libraries, and leaves nothing behind when it stops', async () => {
  const recording = (scope = 'release-prep') => trace.getTracer(scope).startSpan('x').isRecording();
  const silent = () => undefined;
  await startTelemetry(undefined, silent).stop();
  expect(recording()).toBe(false);
  const telemetry = startTelemetry('http://127.0.0.1:1', silent);
  expect(recording()).toBe(true);
  expect(recording('@elastic/transport')).toBe(false);
  await telemetry.stop();
  expect(recording()).toBe(false);
  expect(metrics.getMeterProvider().constructor.name).toMatch(/Noop/);
});

it('says nothing of a meter provider that stands already', async () => {
  const said: string[] = [];
  const standing = new MeterProvider();
  metrics.setGlobalMeterProvider(standing);
  await startTelemetry('http://127.0.0.1:1', (message) => void said.push(message)).stop();
  expect(said.filter((message) => message.includes('registration'))).toEqual([]);
  expect(metrics.getMeterProvider()).toBe(standing);
  metrics.disable();
});

it.each([
  ['refuses connections', async () => ({ url: 'http://127.0.0.1:1', stop: async () => undefined })],
  ['answers 500', () => serveCollector(() => 500)],
  ['never answers', () => serveCollector(() => null)],
])(
  'holds nothing up where the collector %s, and says so once',
  async (_name, collectorOf) => {
    const collector = await collectorOf();
    const { asked, said, stopMs } = await askedWith(collector.url, counts);
    expect([asked, said]).toEqual([
      'answer',
      [expect.stringMatching(/^OpenTelemetry: spans or metrics are lost/)],
    ]);
    expect(stopMs).toBeLessThan(8_000);
    await collector.stop();
  },
  30_000,
);
