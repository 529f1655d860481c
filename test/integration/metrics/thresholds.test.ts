import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';
import { levelPlan } from '../../../src/steps/thresholds/joint-thresholds';
import type { GroupLevel } from '../../../src/steps/knowledge/metric-groups';
import { level } from '../../fixtures/metric-facts';
import {
  readHistory,
  startPrometheus,
  type PrometheusServer,
} from '../../fixtures/servers/prometheus';

jest.setTimeout(180_000);

const STEP = 120;
const POINTS = 720;
const SERVICE = 'service="checkout-api"';
type Point = [at: number, value: number];

/** Every sample of a metric, read from the text itself. */
function samplesOf(text: string, name: string): Map<string, Point[]> {
  const series = new Map<string, Point[]>();
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name}{`)) continue;
    const [labels = '', value = '', at = ''] = line.split(/(?<=\}) | (?=\d{10}$)/);
    series.set(labels, [...(series.get(labels) ?? []), [Number(at), Number(value)]]);
  }
  return series;
}

/** Prometheus 2: both ends of a range belong to it; extrapolated to the ends of the range. */
function rateOf(points: Point[], at: number, range = 300): number | undefined {
  const inside = points.filter(([t]) => t >= at - range && t <= at);
  const [first, last] = [inside[0], inside.at(-1)];
  if (inside.length < 2 || !first || !last) return undefined;
  let rise = last[1] - first[1];
  inside.forEach(
    ([, v], i) => (rise += i > 0 && v < (inside[i - 1]?.[1] ?? 0) ? (inside[i - 1]?.[1] ?? 0) : 0),
  );
  const sampled = last[0] - first[0];
  const mean = sampled / (inside.length - 1);
  let before = first[0] - (at - range);
  const after = at - last[0];
  if (rise > 0 && first[1] >= 0) before = Math.min(before, sampled * (first[1] / rise));
  const ends = [before, after].map((gap) => (gap < mean * 1.1 ? gap : mean / 2));
  return (rise * ((sampled + (ends[0] ?? 0) + (ends[1] ?? 0)) / sampled)) / range;
}

/** The last value within 5 minutes. */
const latest = (points: Point[], at: number): number | undefined =>
  points.filter(([t]) => t <= at && at - t < 300).at(-1)?.[1];

/** The level by its definition, written down again without the product's code. */
function expectedLevel(values: number[], op: '>' | '<', hold: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (q: number) => {
    const rank = q * (sorted.length - 1);
    const low = sorted[Math.floor(rank)] ?? 0;
    return low + ((sorted[Math.ceil(rank)] ?? 0) - low) * (rank % 1);
  };
  const held = values.flatMap((_, i) => {
    const window = values.slice(i - hold + 1, i + 1);
    return window.length < hold ? [] : [op === '>' ? Math.min(...window) : Math.max(...window)];
  });
  const middle = quantile(0.5);
  const worst = op === '>' ? Math.max(...held) : Math.min(...held);
  const exact =
    op === '>'
      ? middle + Math.max(1.3 * (worst - middle), quantile(0.95) - middle, 0.2 * middle)
      : middle * Math.min((worst / middle) ** 1.3, 0.7);
  const unit = 10 ** (Math.floor(Math.log10(exact)) - 1);
  const digits = op === '>' ? Math.ceil(exact / unit - 1e-9) : Math.floor(exact / unit + 1e-9);
  return Number((digits * unit).toPrecision(2));
}

/** Always the same samples of the day, whatever minute it is moved to: every second one, the last left out. */
const gridOf = (end: number) =>
  Array.from({ length: POINTS }, (_, i) => end - 60 - (POINTS - 1 - i) * STEP);

async function levelsFromPrometheus(server: PrometheusServer, expr: string, about: GroupLevel) {
  const grid = gridOf(server.end);
  const range = { start: grid[0] ?? 0, end: grid.at(-1) ?? 0, stepSeconds: STEP };
  const { data } = await createPrometheus({ url: server.url }).queryRange(expr, range);
  const history = { samples: data[0]?.samples ?? [], stepSeconds: STEP };
  const plan = levelPlan([{ level: about, history }], { start: server.end, seconds: 6_000 });
  return plan.rules[0];
}

describe('a healthy day', () => {
  let server: PrometheusServer;
  let text: string;
  beforeAll(async () => {
    server = await startPrometheus();
    text = readHistory('healthy', server.end);
  });
  afterAll(() => server?.stop());

  const across = (name: string, of: (points: Point[], at: number) => number | undefined) => {
    const series = [...samplesOf(text, name).values()];
    return gridOf(server.end).map((at) => series.flatMap((points) => of(points, at) ?? []));
  };
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

  it('gives a gauge the level of an independent computation', async () => {
    const values = across('process_resident_memory_bytes', latest).map((all) => Math.max(...all));
    const expr = `max(process_resident_memory_bytes{${SERVICE}})`;
    const rule = await levelsFromPrometheus(server, expr, level({ unit: 'bytes' }));
    expect(rule?.threshold.threshold).toBe(expectedLevel(values, '>', 3));
  });

  it('gives a queue the level of an independent computation', async () => {
    const values = across('queue_depth', latest).map(sum);
    const rule = await levelsFromPrometheus(server, `sum(queue_depth{${SERVICE}})`, level());
    expect(rule?.threshold.threshold).toBe(expectedLevel(values, '>', 3));
  });

  it('gives traffic the level of an independent computation', async () => {
    const values = across('http_requests_total', rateOf)
      .filter((all) => all.length > 0)
      .map(sum);
    const about = level({ op: '<', form: 'rate', for: '600s', default: 1 });
    const expr = `sum(rate(http_requests_total{${SERVICE}}[5m]))`;
    const rule = await levelsFromPrometheus(server, expr, about);
    expect(rule?.threshold.threshold).toBe(expectedLevel(values, '<', 5));
  });

  it('sets the level of a quantile as the rule will read it, by buckets, not as it exactly was', async () => {
    const expr = `histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{${SERVICE}}[5m])))`;
    const rule = await levelsFromPrometheus(server, expr, level({ unit: 'seconds' }));
    // 0.3815 exactly, 0.4584 by the buckets from 0.25 to 0.5.
    expect(rule?.prepared.usual.middle).toBeGreaterThan(0.44);
    expect(rule?.prepared.usual.middle).toBeLessThan(0.475);
    expect(rule?.threshold.threshold).toBeGreaterThan(0.46);
  });

  it('sets the same level where the left end of a range is excluded, as in Prometheus 3', async () => {
    const about = level({ op: '<', form: 'rate', for: '600s', default: 1 });
    const closed = `sum(rate(http_requests_total{${SERVICE}}[5m]))`;
    const open = closed.replace('[5m]', '[299999ms]');
    const [two, three] = await Promise.all(
      [closed, open].map((expr) => levelsFromPrometheus(server, expr, about)),
    );
    const [a = NaN, b = NaN] = [two, three].map((rule) => rule?.threshold.threshold);
    expect(Math.abs(a - b) / a).toBeLessThan(0.1);
  });

  it('has no metadata for imported history, which the adapter answers with nothing', async () => {
    const { data } = await createPrometheus({ url: server.url }).metadata();
    expect(data['process_resident_memory_bytes']?.[0]?.help).not.toBe(
      'Resident memory size in bytes.',
    );
  });
});

describe('a day with outages, restarts and NaN', () => {
  let server: PrometheusServer;
  beforeAll(async () => {
    server = await startPrometheus('checkout-api', 'gaps');
  });
  afterAll(() => server?.stop());

  it('is not blinded by one NaN, which makes avg_over_time NaN for an hour', async () => {
    const prometheus = createPrometheus({ url: server.url });
    const range = { start: server.end - 86_400, end: server.end, stepSeconds: STEP };
    const one = `queue_depth{${SERVICE},instance="checkout-api-0:8080"}`;
    const [mean, plain] = await Promise.all(
      [`avg_over_time(${one}[1h])`, one].map((expr) => prometheus.queryRange(expr, range)),
    );
    const nans = (answer: typeof mean) =>
      (answer?.data[0]?.samples ?? []).filter(({ value }) => Number.isNaN(value)).length;
    expect(nans(mean)).toBeGreaterThan(2 * nans(plain));
    const rule = await levelsFromPrometheus(server, `sum(queue_depth{${SERVICE}})`, level());
    expect(rule?.threshold).toMatchObject({ source: 'history', backtest: { fired: 0 } });
  });

  it('counts a dead series for five minutes only, and its absence as a gap', async () => {
    const prometheus = createPrometheus({ url: server.url });
    const grid = { start: server.end - 86_400, end: server.end, stepSeconds: 60 };
    const { data } = await prometheus.queryRange(
      `count(process_resident_memory_bytes{${SERVICE}})`,
      grid,
    );
    const two = (data[0]?.samples ?? []).filter(({ value }) => value === 2).length;
    // Down for 40 minutes, bridged for the first 5.
    expect(two).toBeGreaterThanOrEqual(34);
    expect(two).toBeLessThanOrEqual(36);
  });

  it.each([
    [
      'latency',
      `histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{${SERVICE}}[5m])))`,
      'seconds',
      1,
    ],
    [
      'errors',
      `sum(rate(http_requests_total{${SERVICE},code="500"}[5m])) / sum(rate(http_requests_total{${SERVICE}}[5m]))`,
      'ratio',
      0.01,
    ],
  ] as const)('does not set the level of %s by its burst', async (_, expr, unit, highest) => {
    const rule = await levelsFromPrometheus(server, expr, level({ unit }));
    expect(rule?.threshold.threshold).toBeLessThan(highest);
    expect(rule?.prepared.anomalies.length).toBeGreaterThan(0);
    expect(rule?.threshold.backtest.fired).toBe(0);
  });

  it('reads traffic over restarts of the counters', async () => {
    const about = level({ op: '<', form: 'rate', for: '600s', default: 1 });
    const expr = `sum(rate(http_requests_total{${SERVICE}}[5m]))`;
    const rule = await levelsFromPrometheus(server, expr, about);
    expect(rule?.prepared.usual.middle).toBeGreaterThan(20);
    expect(rule?.threshold.threshold).toBeGreaterThan(8);
  });
});
