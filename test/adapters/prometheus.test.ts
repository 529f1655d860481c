import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createPrometheus } from '../../src/adapters/prometheus';
import { joinSeries, splitRange } from '../../src/adapters/prometheus/range';
import { UpstreamError } from '../../src/adapters/upstream-error';

type Seen = { method?: string; url: string; body: string; authorization?: string };
type Reply = { status?: number; body?: unknown; waitMs?: number };

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
      const asked = { method: request.method, url: request.url ?? '', body, authorization };
      seen.push(asked);
      const { status = 200, body: answer, waitMs = 0 } = reply(asked, request);
      most = Math.max(most, (now += 1));
      setTimeout(() => {
        now -= 1;
        response.writeHead(status, { 'content-type': 'application/json' });
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
    const server = await serve(() => ({ ...matrix([]), waitMs: 5_000 }));
    const prometheus = createPrometheus({ url: server.url });
    const stop = new AbortController();
    const asked = Array.from({ length: 20 }, () =>
      errorOf(prometheus.queryRange('x', range, stop.signal)),
    );
    setTimeout(() => stop.abort(new Error('cancelled')), 50);
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
