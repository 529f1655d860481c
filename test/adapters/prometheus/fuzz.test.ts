import fc from 'fast-check';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';
import type { Answer } from '../../../src/adapters/prometheus/transport';
import { errorTextOf, parseSampleValue } from '../../../src/adapters/prometheus/response-schemas';
import { UpstreamError } from '../../../src/adapters/upstream/upstream-error';
import { answersLike, expectCleanPrototype, noisy, RUNS, type Json } from '../../fixtures/fuzz';
import { serveText, type TextServer } from '../../fixtures/text-server';

jest.setTimeout(600_000);

const success = (data: Json): Json => ({ status: 'success', data, warnings: ['a store is down'] });
const labels = { __name__: 'up', job: 'user-service', instance: '10.0.0.1:9090' };
const RANGE = { start: 1_700_000_000, end: 1_700_000_300, stepSeconds: 60 };
const prometheus = () => createPrometheus({ url: server.url });

/** What is asked, an answer of a real server, and what our own code relies on in the reading of it. */
const ENDPOINTS: Record<
  string,
  { valid: () => Json; ask: () => Promise<Answer<unknown>>; check: (data: unknown) => void }
> = {
  metadata: {
    valid: () =>
      success({
        up: [{ type: 'gauge', help: 'Whether it answers.', unit: '' }],
        http_requests_total: [{ type: 'counter', help: '', unit: '' }, { type: 'counter' }],
      }),
    ask: () => prometheus().metadata(),
    check: (data) => {
      for (const entries of Object.values(data as Record<string, unknown>))
        for (const entry of entries as unknown[])
          expect(entry).toEqual({
            type: expect.stringMatching(/^(counter|gauge|histogram|summary|unknown)$/),
            help: expect.any(String),
            unit: expect.any(String),
          });
    },
  },
  series: {
    valid: () => success([labels, { ...labels, instance: '10.0.0.2:9090' }]),
    ask: () => prometheus().series(['up'], RANGE),
    check: (data) => (data as unknown[]).forEach(expectLabels),
  },
  names: {
    valid: () => success(['up', 'http_requests_total']),
    ask: () => prometheus().metricNames(['{job="user-service"}']),
    check: (data) =>
      expect((data as unknown[]).every((name) => typeof name === 'string')).toBe(true),
  },
  query: {
    valid: () =>
      success({
        resultType: 'vector',
        result: [
          { metric: labels, value: [1_700_000_000.781, '1'] },
          { metric: {}, value: [1_700_000_000, 'NaN'] },
          { metric: labels, histogram: [1_700_000_000, { count: '1', sum: '2' }] },
        ],
      }),
    ask: () => prometheus().query('up', RANGE.end),
    check: (data) => {
      for (const { labels, sample } of data as { labels: unknown; sample: unknown }[]) {
        expectLabels(labels);
        expectSample(sample);
      }
    },
  },
  query_range: {
    valid: () =>
      success({
        resultType: 'matrix',
        result: [
          {
            metric: labels,
            values: [
              [1_700_000_000, '1'],
              [1_700_000_060, '+Inf'],
            ],
          },
          { metric: { job: 'b' }, values: [[1_700_000_000, '1e999']] },
        ],
      }),
    ask: () => prometheus().queryRange('up', RANGE),
    check: (data) => {
      for (const { labels, samples } of data as { labels: unknown; samples: unknown[] }[]) {
        expectLabels(labels);
        samples.forEach(expectSample);
      }
    },
  },
};

function expectLabels(labels: unknown): void {
  for (const value of Object.values(labels as object)) expect(typeof value).toBe('string');
}
function expectSample(sample: unknown): void {
  const { at, value } = sample as { at: number; value: number };
  expect(Number.isFinite(at)).toBe(true);
  expect(typeof value).toBe('number');
}

let server: TextServer;
beforeAll(async () => void (server = await serveText()));
afterAll(() => server.stop());

describe.each(Object.entries(ENDPOINTS))('%s', (_name, { valid, ask, check }) => {
  it('reads or refuses any answer', async () => {
    await fc.assert(
      fc.asyncProperty(answersLike(valid), async (text) => {
        server.answer = () => text;
        const answer = await ask().catch((error: unknown) => {
          expect(error).toBeInstanceOf(UpstreamError);
          expect((error as Error).message.length).toBeLessThan(1_000);
          return undefined;
        });
        if (answer !== undefined) check(answer.data);
        expectCleanPrototype();
      }),
      { numRuns: 2 * RUNS },
    );
  });

  it('passes keys of later versions by', async () => {
    server.answer = () => JSON.stringify(valid());
    const plain = await ask();
    // Labels and the names of metrics are data; so is what stands in a list.
    const own = [
      'metric',
      'values',
      'value',
      ...(_name === 'series' || _name === 'metadata' ? ['data'] : []),
    ];
    await fc.assert(
      fc.asyncProperty(noisy(valid, own), async (text) => {
        server.answer = () => text;
        expect(await ask()).toEqual(plain);
      }),
      { numRuns: RUNS / 4 },
    );
  });
});

it('takes any text for a number or for none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.double().map(String)), (text) => {
      expect(typeof parseSampleValue(text)).toBe('number');
      expect(['string', 'undefined']).toContain(typeof errorTextOf(text));
    }),
    { numRuns: 5 * RUNS },
  );
  fc.assert(
    fc.property(fc.double(), (number) => {
      expect(parseSampleValue(String(number))).toBe(number === 0 ? parseSampleValue('0') : number);
    }),
    { numRuns: RUNS },
  );
});
