import { compile, Unsupported } from '../../sandbox/prometheus/evaluate';
import { startSandboxPrometheus } from '../../sandbox/prometheus/server';
import type { SandboxServer } from '../../sandbox/http-server';

const AT = 1_760_000_000;
const valueOf = (text: string): number | undefined => compile(text)(AT)[0]?.value;

let server: SandboxServer;
beforeAll(async () => {
  server = await startSandboxPrometheus();
});
afterAll(() => server.stop());

type Answer = { status: string; data: { result: { values: [number, string][] }[] } };
const get = async (path: string): Promise<Answer> =>
  (await (await fetch(`${server.url}/api/v1/${path}`)).json()) as Answer;

it('evaluates rates, shares and quantiles as Prometheus does', () => {
  const failed = 'sum(rate(http_requests_total{code=~"5.."}[5m]))';
  const all = 'sum(rate(http_requests_total[5m]))';
  expect(valueOf(`${failed} / ${all}`)).toBeCloseTo(0.0004, 9);
  const byBucket = 'sum by (le) (rate(http_request_duration_seconds_bucket[5m]))';
  expect(valueOf(`histogram_quantile(0.5, ${byBucket})`)).toBeCloseTo(0.05, 9);
  expect(valueOf('count(up{service="user-service"})')).toBe(7);
});

it('gives a vector its labels without the name, and groups by those that are named', () => {
  const hosts = compile('sum by (host) (rate(http_requests_total[5m]))')(AT);
  expect(hosts).toHaveLength(7);
  expect(Object.keys(hosts[0]?.labels ?? {})).toEqual(['host']);
  expect(compile('up')(AT)[0]?.labels).not.toHaveProperty('__name__');
});

it('has values of its own at each time of a range', async () => {
  const query = encodeURIComponent('max(process_resident_memory_bytes)');
  const path = `query_range?query=${query}&start=${AT}&end=${AT + 6 * 3600}&step=120`;
  const { data } = await get(path);
  const values = data.result[0]?.values ?? [];
  expect(values).toHaveLength(181);
  expect(new Set(values.map(([, value]) => value)).size).toBeGreaterThan(90);
  const [at, value] = values[100] ?? [0, ''];
  expect(compile('max(process_resident_memory_bytes)')(at)[0]?.value).toBe(Number(value));
});

it('refuses what it cannot evaluate as a server refuses bad data', async () => {
  expect(() => compile('predict_linear(up[5m], 60)')).toThrow(Unsupported);
  expect(await get('query?query=sum(')).toMatchObject({ status: 'error', errorType: 'bad_data' });
});

it('averages over a subquery, counts resets, and keeps what another vector allows', () => {
  const hourly = 'avg_over_time((sum(rate(http_requests_total[5m])))[1h:5m])';
  const traffic = valueOf('sum(rate(http_requests_total[1h]))') ?? NaN;
  expect((valueOf(hourly) ?? NaN) / traffic).toBeCloseTo(1, 1);
  expect(valueOf('resets(process_cpu_seconds_total[1h])')).toBe(0);
  expect(valueOf('sum(up) and on() (sum(up) > 3)')).toBe(7);
  expect(valueOf('sum(up) and on() (sum(up) > 30)')).toBeUndefined();
});
