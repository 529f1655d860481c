import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';
import { joinSeries, splitRange } from '../../../src/adapters/prometheus/split-range';
import { parseSampleValue } from '../../../src/adapters/prometheus/response-schemas';
import { UpstreamError } from '../../../src/adapters/upstream/upstream-error';
import { waitUntil } from '../../fixtures/wait';

type Seen = { method?: string; url: string; body: string; authorization?: string; tenant?: string };
type Reply = { status?: number; body?: unknown; waitMs?: number; headers?: object };

let close: (() => void) | undefined;
afterEach(() => close?.());

/** A Prometheus that answers as told and remembers what it was asked. */
async function serve(reply: (seen: Seen, request: IncomingMessage) => Reply) {
  const seen: Seen[] = [];
  let now = 0;
  let most = 0;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { authorization } = request.headers;
      const tenant = request.headers['x-scope-orgid']?.toString();
      const asked = { method: request.method, url: request.url ?? '', body, authorization, tenant };
      seen.push(asked);
      const { status = 200, body: answer, waitMs = 0, headers } = reply(asked, request);
      most = Math.max(most, (now += 1));
      setTimeout(() => {
        now -= 1;
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
      }, waitMs).unref();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, seen, most: () => most };
}

const success = (data: unknown, more: object = {}): Reply => ({
  body: { status: 'success', data, ...more },
});
const matrix = (values: [number, string][]) =>
  success({ resultType: 'matrix', result: [{ metric: { a: 'b' }, values }] });
const range = { start: 0, end: 120, stepSeconds: 60 };
const errorOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((e: unknown) => e);

describe('createPrometheus', () => {
  it('keeps a path prefix and sends the bearer token', async () => {
    const server = await serve(() => success(['up']));
    const prometheus = createPrometheus({ url: `${server.url}/prom/eu/`, token: 't0ken' });
    await prometheus.metricNames(['{service="a&b"}']);
    const [asked] = server.seen;
    expect(asked?.url).toBe(
      '/prom/eu/api/v1/label/__name__/values?match%5B%5D=%7Bservice%3D%22a%26b%22%7D',
    );
    expect(asked?.authorization).toBe('Bearer t0ken');
  });

  it('sends the basic auth of its URL', async () => {
    const server = await serve(() => success({ version: '2.42.0' }));
    const prometheus = createPrometheus({ url: `http://me:p%40ss@127.0.0.1:${server.port}` });
    expect(await prometheus.buildInfo()).toEqual({ version: '2.42.0' });
    const pair = Buffer.from('me:p@ss').toString('base64');
    expect(server.seen[0]?.authorization).toBe(`Basic ${pair}`);
  });

  it('sends a user name, a password and a tenant', async () => {
    const server = await serve(() => success(['up']));
    const access = { url: server.url, username: 'me', password: 'pässword:1', tenant: 'team-a' };
    await createPrometheus(access).metricNames([]);
    const pair = Buffer.from('me:pässword:1').toString('base64');
    expect(server.seen[0]).toMatchObject({ authorization: `Basic ${pair}`, tenant: 'team-a' });
  });

  it('posts queries as a form and reads NaN and infinities', async () => {
    const values: [number, string][] = [
      [0, '1.5'],
      [60, 'NaN'],
      [120, '+Inf'],
      [180, '-Inf'],
    ];
    const server = await serve(() => matrix(values));
    const { data } = await createPrometheus({ url: server.url }).queryRange('up{a="ü&"}', range);
    expect(data[0]?.samples.map(({ value }) => value)).toEqual([1.5, NaN, Infinity, -Infinity]);
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/api/v1/query_range' });
    const form = new URLSearchParams(server.seen[0]?.body);
    expect(Object.fromEntries(form)).toEqual({
      query: 'up{a="ü&"}',
      start: '0',
      end: '120',
      step: '60',
    });
  });

  it('reads vectors and scalars alike', async () => {
    const server = await serve(({ body }) =>
      body.includes('scalar')
        ? success({ resultType: 'scalar', result: [7, '3'] })
        : success({ resultType: 'vector', result: [{ metric: {}, value: [7, '4'] }] }),
    );
    const prometheus = createPrometheus({ url: server.url });
    expect((await prometheus.query('scalar(x)', 7)).data).toEqual([
      { labels: {}, sample: { at: 7, value: 3 } },
    ]);
    expect((await prometheus.query('x', 7)).data[0]?.sample.value).toBe(4);
  });

  it('keeps the warnings of a partial answer', async () => {
    const server = await serve(() => success(['up'], { warnings: ['store x is away'] }));
    const answer = await createPrometheus({ url: server.url }).labelValues('job');
    expect(answer).toEqual({ data: ['up'], warnings: ['store x is away'] });
  });

  it.each([
    [422, 'execution', 'query processing would load too many samples', true],
    [400, 'bad_data', 'invalid parameter "query"', true],
    [503, 'timeout', 'query timed out in expression evaluation', false],
  ])('says why it was refused: %d %s', async (status, errorType, error, permanent) => {
    const server = await serve(() => ({ status, body: { status: 'error', errorType, error } }));
    const failure = await errorOf(createPrometheus({ url: server.url }).query('x', 0));
    expect(failure).toBeInstanceOf(UpstreamError);
    expect(failure).toMatchObject({ status, permanent });
    expect((failure as Error).message).toContain(`${errorType}: ${error}`);
    expect((failure as Error).message).not.toContain('{');
  });

  it('waits as long as a rate limit asks for', async () => {
    const reply = { status: 429, body: 'the tenant exceeded the request rate limit' };
    const server = await serve(() => ({ ...reply, headers: { 'retry-after': '7' } }));
    const failure = await errorOf(createPrometheus({ url: server.url }).queryRange('x', range));
    expect(failure).toMatchObject({ status: 429, permanent: false, retryAfterMs: 7_000 });
    expect(server.seen).toHaveLength(1);
  });

  it('asks by GET, and keeps to it, where a proxy lets no POST through', async () => {
    const server = await serve(({ method }) =>
      method === 'POST' ? { status: 405, body: 'Method Not Allowed' } : matrix([[0, '1']]),
    );
    const prometheus = createPrometheus({ url: server.url });
    const { data } = await prometheus.queryRange('a{b="ü&"}', range);
    await prometheus.queryRange('c', range);
    expect(data[0]?.samples).toEqual([{ at: 0, value: 1 }]);
    expect(server.seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
    const asked = new URL(server.seen[1]?.url ?? '', server.url).searchParams;
    expect(asked.get('query')).toBe('a{b="ü&"}');
  });

  it('tries a form again 10 min after a server refused one', async () => {
    const server = await serve(({ method }) =>
      method === 'POST' ? { status: 405, body: 'Method Not Allowed' } : matrix([[0, '1']]),
    );
    const prometheus = createPrometheus({ url: server.url });
    await prometheus.queryRange('a', range);
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now + 600_001);
    await prometheus.queryRange('b', range).finally(() => clock.mockRestore());
    expect(server.seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST', 'GET']);
  });

  it('marks the partial answer of VictoriaMetrics', async () => {
    const data = { resultType: 'matrix', result: [] };
    const server = await serve(() => ({ body: { status: 'success', isPartial: true, data } }));
    const { warnings } = await createPrometheus({ url: server.url }).queryRange('x', range);
    expect(warnings).toEqual(['the answer is partial: a storage node did not answer']);
  });

  it('reads series of native histograms as series without samples', async () => {
    const histograms = [[0, { count: '2', sum: '3', buckets: [[0, '1', '2', '2']] }]];
    const server = await serve(({ url }) =>
      url.endsWith('query_range')
        ? success({ resultType: 'matrix', result: [{ metric: { a: 'b' }, histograms }] })
        : success({
            resultType: 'vector',
            result: [
              { metric: {}, histogram: histograms[0] },
              { metric: { a: 'c' }, value: [0, '1'] },
            ],
          }),
    );
    const prometheus = createPrometheus({ url: server.url });
    expect((await prometheus.queryRange('x', range)).data).toEqual([
      { labels: { a: 'b' }, samples: [] },
    ]);
    expect((await prometheus.query('x', 0)).data).toHaveLength(1);
  });

  it.each([
    ['Prometheus', 422, 'execution: query processing would load too many samples into memory'],
    ['Prometheus, slow', 503, 'timeout: query timed out in expression evaluation'],
    ['Mimir', 422, 'execution: the query exceeded the maximum number of chunks (limit: 2000000)'],
    ['Mimir, estimated', 422, 'err-mimir-max-estimated-chunks-per-query'],
    [
      'VictoriaMetrics',
      422,
      'cannot select more than -search.maxSamplesPerQuery=1000000000 samples',
    ],
  ])('asks in short parts once for what is too heavy for %s', async (_, status, error) => {
    const server = await serve(({ body }) => {
      const form = new URLSearchParams(body);
      const start = Number(form.get('start'));
      if (Number(form.get('end')) - start > 6_000)
        return { status, body: { status: 'error', error } };
      return matrix([[start, '1']]);
    });
    const long = { start: 0, end: 35_940, stepSeconds: 60 };
    const answer = await createPrometheus({ url: server.url }).queryRange('x', long);
    expect(server.seen).toHaveLength(1 + 6);
    expect(answer.data[0]?.samples.map(({ at }) => at)).toEqual([0, 6e3, 12e3, 18e3, 24e3, 3e4]);
    expect(answer.stepSeconds).toBe(60);
  });

  it('then on a coarser grid, and then lets the refusal stand', async () => {
    const error = 'query processing would load too many samples into memory';
    const refused = { status: 422, body: { status: 'error', errorType: 'execution', error } };
    let fine = true;
    const server = await serve(({ body }) =>
      new URLSearchParams(body).get('step') === '300' && fine ? matrix([[0, '1']]) : refused,
    );
    const prometheus = createPrometheus({ url: server.url });
    const long = { start: 0, end: 36_000, stepSeconds: 60 };
    expect((await prometheus.queryRange('x', long)).stepSeconds).toBe(300);
    fine = false;
    const failure = await errorOf(prometheus.queryRange('x', long));
    expect(failure).toMatchObject({ status: 422, permanent: true });
    expect((failure as Error).message).toContain(error);
  });

  it('does not ask again for what no smaller question would change', async () => {
    const error =
      'found duplicate series for the match group {instance="a"} on the right hand-side';
    const server = await serve(() => ({
      status: 422,
      body: { status: 'error', errorType: 'execution', error },
    }));
    const failure = await errorOf(createPrometheus({ url: server.url }).queryRange('x', range));
    expect((failure as Error).message).toContain(error);
    expect(server.seen).toHaveLength(1);
  });

  it('bounds the bytes of an answer', async () => {
    const server = await serve(() => ({ body: 'x'.repeat(65 * 1024 * 1024) }));
    const failure = await errorOf(createPrometheus({ url: server.url }).metricNames([]));
    expect(failure).toMatchObject({ permanent: true, tooLarge: true });
  });

  it('takes a stopped store of metadata, an old one and an empty one alike', async () => {
    for (const reply of [
      { status: 400, body: 'unsupported path requested: "/api/v1/metadata"' },
      { status: 404, body: 'not found' },
      success(null),
      success({}),
    ]) {
      const server = await serve(() => reply);
      expect((await createPrometheus({ url: server.url }).metadata()).data).toEqual({});
      close?.();
    }
  });

  it('knows no type that only the prototype of objects knows', async () => {
    const server = await serve(() => success({ up: [{ type: 'constructor' }, { type: 'info' }] }));
    const { data } = await createPrometheus({ url: server.url }).metadata();
    expect(data['up']?.map(({ type }) => type)).toEqual(['unknown', 'gauge']);
  });

  it('refuses an answer that is not of Prometheus', async () => {
    const server = await serve(() => ({ body: { data: 'hello' } }));
    const failure = await errorOf(createPrometheus({ url: server.url }).metricNames([]));
    expect(failure).toMatchObject({ upstream: 'prometheus', permanent: true });
  });

  it('goes on without metadata where the store has none', async () => {
    const server = await serve(() => ({ status: 404, body: 'not found' }));
    const { data, warnings } = await createPrometheus({ url: server.url }).metadata();
    expect(data).toEqual({});
    expect(warnings[0]).toContain('no metadata');
  });

  it('maps types that it does not use to those that it does', async () => {
    const entry = (type: string) => [{ type, help: 'h' }];
    const server = await serve(() =>
      success({ a: entry('info'), b: entry('untyped'), c: entry('counter') }),
    );
    const { data } = await createPrometheus({ url: server.url }).metadata();
    expect(Object.values(data).map(([one]) => one?.type)).toEqual(['gauge', 'unknown', 'counter']);
  });

  it('asks for at most 8 things at a time', async () => {
    const server = await serve(() => ({ ...matrix([]), waitMs: 20 }));
    const prometheus = createPrometheus({ url: server.url });
    await Promise.all(Array.from({ length: 30 }, () => prometheus.queryRange('x', range)));
    expect(server.most()).toBe(8);
  });

  it('ends with the reason of the cancellation, what waits in the queue included', async () => {
    const server = await serve(() => ({ ...matrix([]), waitMs: 60_000 }));
    const prometheus = createPrometheus({ url: server.url });
    const stop = new AbortController();
    const asked = Array.from({ length: 20 }, () =>
      errorOf(prometheus.queryRange('x', range, stop.signal)),
    );
    // On a busy machine the first requests take their time to arrive.
    await waitUntil(() => server.seen.length >= 8, Boolean, { everyMs: 10 });
    stop.abort(new Error('cancelled'));
    const ends = await Promise.all(asked);
    expect(new Set(ends.map((end) => (end as Error).message))).toEqual(new Set(['cancelled']));
    expect(server.seen).toHaveLength(8);
  });

  it('splits a range over the point limit and joins the series again', async () => {
    const server = await serve(({ body }) => {
      const start = Number(new URLSearchParams(body).get('start'));
      return matrix([[start, '1']]);
    });
    const long = { start: 0, end: 25_000, stepSeconds: 1 };
    const { data } = await createPrometheus({ url: server.url }).queryRange('x', long);
    expect(data.map(({ samples }) => samples.map(({ at }) => at))).toEqual([[0, 11_000, 22_000]]);
  });
});

describe('parseSampleValue', () => {
  it.each([
    ['+Inf', Infinity],
    ['-Inf', -Infinity],
    ['Inf', Infinity],
    ['inf', Infinity],
    ['NaN', NaN],
    ['', NaN],
    ['1e-9', 1e-9],
  ])('reads %j', (text, value) => expect(parseSampleValue(text)).toBe(value));
});

describe('splitRange', () => {
  it('asks for every point once', () => {
    const parts = splitRange({ start: 10, end: 100, stepSeconds: 10 }, 4);
    expect(parts.map(({ start, end }) => [start, end])).toEqual([
      [10, 40],
      [50, 80],
      [90, 100],
    ]);
  });
});

describe('joinSeries', () => {
  it('takes the same labels in another order for the same series', () => {
    const one = { labels: { a: '1', b: '2' }, samples: [{ at: 0, value: 1 }] };
    const two = { labels: { b: '2', a: '1' }, samples: [{ at: 1, value: 2 }] };
    expect(joinSeries([[one], [two]])[0]?.samples).toHaveLength(2);
  });
});
