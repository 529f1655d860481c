import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';
import type { PrometheusAccess } from '../../../src/adapters/prometheus/transport';
import { UpstreamError } from '../../../src/adapters/upstream/upstream-error';
import { startPrometheusWith, type PrometheusServer } from '../../fixtures/servers/prometheus';

jest.setTimeout(60_000);

const PATH = '/metrics-store';
const USER = 'release';
const PASSWORD = 'prom-password';
/** bcrypt of the password, at the lowest cost. */
const HASH = '$2b$04$u.wUL97PfNZ9r8auofkB7uaP6c/gVuL6zy/y1dKzlXCAaSTbektJC';
const SERIES = 40;
const STEP = 60;
const HOURS = 6;
/** A range query over all series loads some 14,000 samples: two of three parts fit. */
const MAX_SAMPLES = 6_000;

const textOf = (end: number): string => {
  const lines = Array.from({ length: SERIES }, (_, n) =>
    Array.from({ length: (HOURS * 3600) / STEP + 1 }, (_, tick) => {
      const at = end - HOURS * 3600 + tick * STEP;
      return `shop_queue_depth{service="shop",shard="${n}"} ${n + (tick % 7)} ${at}`;
    }),
  ).flat();
  return `# TYPE shop_queue_depth gauge\n${lines.join('\n')}\n# EOF\n`;
};

let server: PrometheusServer;
beforeAll(async () => {
  server = await startPrometheusWith(textOf, {
    routePrefix: PATH,
    webConfig: `basic_auth_users:\n  ${USER}: ${HASH}\n`,
    flags: [`--query.max-samples=${MAX_SAMPLES}`],
  });
}, 60_000);
afterAll(() => server?.stop());

const reach = (access: Partial<PrometheusAccess>) =>
  createPrometheus({ url: server.url, ...access });
const known = () => reach({ username: USER, password: PASSWORD });
const failureOf = async (promise: Promise<unknown>): Promise<UpstreamError> => {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UpstreamError);
  return error as UpstreamError;
};

it('is a Prometheus 2.42, behind a password and under a path', async () => {
  const url = new URL(`${server.url}/api/v1/status/buildinfo`);
  expect((await fetch(url)).status).toBe(401);
  const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
  const answer = await fetch(url, { headers: { authorization } });
  expect(await answer.json()).toMatchObject({
    data: { version: expect.stringMatching(/^2\.42\./) as string },
  });
});

it('answers by user name and password, given apart or in the URL', async () => {
  const inUrl = server.url.replace('http://', `http://${USER}:${PASSWORD}@`);
  for (const prometheus of [known(), createPrometheus({ url: inUrl })]) {
    const { data } = await prometheus.metricNames(['{service="shop"}']);
    expect(data).toEqual(['shop_queue_depth']);
    expect((await prometheus.buildInfo()).version).toMatch(/^2\.42\./);
    const now = await prometheus.query('count(shop_queue_depth)', server.end);
    expect(now.data[0]?.sample.value).toBe(SERIES);
  }
});

it('fails for good, and names no password, with a wrong one, with none, and without the path', async () => {
  const root = server.url.slice(0, -PATH.length);
  const tries = [
    reach({ username: USER, password: 'wrong-password' }),
    reach({}),
    createPrometheus({ url: root, username: USER, password: PASSWORD }),
  ];
  for (const prometheus of tries) {
    const { permanent, message } = await failureOf(prometheus.metricNames([]));
    expect(permanent).toBe(true);
    expect(message).toMatch(/401|404|302/);
    expect(message).not.toContain('password');
  }
});

it('reads a range over the limit of samples in parts, each sample once', async () => {
  const range = { start: server.end - HOURS * 3600, end: server.end, stepSeconds: STEP };
  const url = `${server.url}/api/v1/query_range`;
  const asked = new URLSearchParams({
    ...{ query: 'sum(shop_queue_depth)', start: String(range.start), end: String(range.end) },
    step: String(STEP),
  });
  const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
  const whole = await fetch(`${url}?${asked.toString()}`, { headers: { authorization } });
  expect(await whole.text()).toContain('query processing would load too many samples into memory');

  const { data, stepSeconds } = await known().queryRange('sum(shop_queue_depth)', range);
  const samples = data[0]?.samples ?? [];
  expect(new Set(samples.map(({ at }) => at)).size).toBe(samples.length);
  expect(samples.length).toBe((HOURS * 3600) / stepSeconds + 1);
  const base = (SERIES * (SERIES - 1)) / 2;
  for (const { value } of samples) expect((value - base) % SERIES).toBe(0);
});

it('says what limit one moment is over, where nothing can be split', async () => {
  const { permanent, message } = await failureOf(
    known().query('sum(max_over_time(shop_queue_depth[6h:1s]))', server.end),
  );
  expect(permanent).toBe(true);
  expect(message).toContain('too many samples');
});
