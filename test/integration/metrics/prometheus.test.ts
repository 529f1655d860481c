import { setThresholds } from '../../../src/activities/set-thresholds';
import { selectMetrics } from '../../../src/activities/select-metrics';
import { shortlistMetrics } from '../../../src/activities/shortlist-metrics';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';
import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import { MetricAnalysis, type Rule } from '../../../src/domain/metrics';
import { parseLevel } from '../../../src/steps/thresholds/format-level';
import { startPrometheus } from '../../fixtures/servers/prometheus';
import { shippedKnowledge } from '../../fixtures/knowledge';

jest.setTimeout(120_000);

/** Computed independently from every sample of test/fixtures/prometheus, over its 24 hours. */
const TRUTH = {
  p99Bucketed: 0.4584,
  requestsPerSecond: 20.9745,
  errorShare: 0.001988,
  cpuOfAllHosts: 1.0317,
};

let server: Awaited<ReturnType<typeof startPrometheus>>;
let knowledge: Knowledge;
beforeAll(async () => {
  server = await startPrometheus();
  knowledge = await shippedKnowledge();
});
afterAll(() => server?.stop());

async function analyse(
  service: string,
  profile?: Knowledge['services'][number],
  allowUnknown = false,
) {
  const deps = {
    prometheus: createPrometheus({ url: server.url }),
    prometheusServiceLabels: ['service', 'service_name', 'job', 'app'],
    prometheusHostLabels: ['instance'],
    knowledge: profile ? { ...knowledge, services: [...knowledge.services, profile] } : knowledge,
    model: undefined,
  };
  const now = new Date(server.end * 1000).toISOString();
  const shortlist = await shortlistMetrics(deps, {
    service,
    now,
    allow_unknown_service: allowUnknown,
  });
  const risks = [{ type: 'memory_leak', watch: ['Memory'], severity: 'high' as const }];
  const selection = await selectMetrics(deps, { shortlist, risks });
  return { shortlist, selection, outcome: await setThresholds(deps, { selection, now }) };
}

describe('a service with a day of history', () => {
  let analysed: Awaited<ReturnType<typeof analyse>>;
  let rules: Rule[];
  beforeAll(async () => {
    analysed = await analyse('checkout-api');
    rules = analysed.outcome.result.details.metrics.flatMap((group) => group.rules);
  });
  const ruleOf = (candidate: string, part = '') => {
    const found = rules.find((rule) => rule.candidate === candidate && rule.expr.includes(part));
    if (!found) throw new Error(`no rule of ${candidate} ${part}`);
    return found;
  };
  const within = (value: number | null, truth: number, share: number) =>
    expect(Math.abs((value ?? 0) - truth)).toBeLessThan(truth * share);

  it('is found by its label, and nothing else is', () => {
    const { shortlist } = analysed;
    expect(shortlist.scope).toEqual({ kind: 'label', label: 'service', value: 'checkout-api' });
    expect(shortlist.metrics).toHaveLength(16);
    expect(shortlist.metrics.some(({ name }) => name.startsWith('prometheus_'))).toBe(false);
  });

  it('gives groups for every golden signal, and says which risks they watch', () => {
    const { metrics } = analysed.outcome.result.details;
    expect(MetricAnalysis.parse(analysed.outcome.result)).toEqual(analysed.outcome.result);
    expect(metrics.map(({ name }) => name).sort()).toEqual([
      'Availability',
      'CPU',
      'Connections',
      'Error Rate',
      'GC',
      'Latency',
      'Memory',
      'Queue',
      'Saturation',
      'Traffic',
    ]);
    expect(metrics.find(({ name }) => name === 'Memory')?.watches).toEqual(['memory_leak']);
    expect(analysed.outcome.result.summary).toBe('10 group metrics identified with thresholds');
  });

  it('has baselines equal to an independent computation', () => {
    within(
      ruleOf('http_request_duration_seconds', 'quantile').baseline.p50,
      TRUTH.p99Bucketed,
      0.02,
    );
    within(ruleOf('http_requests_total', 'sum(rate(http').baseline.p50, TRUTH.errorShare, 0.1);
    const traffic = rules.find(
      ({ op, candidate }) => op === '<' && candidate === 'http_requests_total',
    );
    within(traffic?.baseline.p50 ?? null, TRUTH.requestsPerSecond, 0.01);
    within(ruleOf('process_cpu_seconds_total').baseline.p50, TRUTH.cpuOfAllHosts / 3, 0.1);
    for (const { baseline } of rules) expect(baseline.samples).toBeGreaterThan(700);
  });

  it('sets each level beyond how the system runs, silent on it, the human form the same number', () => {
    for (const { op, threshold, baseline, backtest, candidate } of rules) {
      if (candidate === 'up') continue;
      // A level that holds for its time may lie below single high samples: silence is what counts.
      if (op === '>') expect(threshold).toBeGreaterThan(baseline.p95 ?? Infinity);
      else expect(threshold).toBeLessThan(baseline.p50 ?? 0);
      expect([candidate, backtest.fired]).toEqual([candidate, 0]);
      expect(backtest.windows).toBeGreaterThan(50);
    }
    for (const { rules: own, thresholds } of analysed.outcome.result.details.metrics) {
      own.forEach(({ threshold, unit }, index) =>
        expect(parseLevel(thresholds[index] ?? '', unit)).toBe(threshold),
      );
    }
  });

  it('finds every rule judgeable', () => {
    expect(rules.filter(({ judgeable }) => judgeable !== 'judgeable')).toEqual([]);
    expect(analysed.outcome.warnings).toEqual([]);
    expect(analysed.outcome.result.status).toBe('success');
  });

  it('has rules that this Prometheus evaluates, at the level that the history ends with', async () => {
    const prometheus = createPrometheus({ url: server.url });
    for (const { expr, op, threshold } of rules) {
      const { data } = await prometheus.query(`(${expr}) ${op} ${threshold}`, server.end);
      expect([expr, data]).toEqual([expr, []]);
    }
  });
});

describe('names that could break out of a query', () => {
  it.each([
    'a"b',
    'x{y="z"}',
    'back\\slash',
    '"} or up{service="checkout-api',
    '服务-ünï',
    'new\nline',
  ])('finds nothing of its own for %j, and takes nothing of other services', async (service) => {
    await expect(analyse(service)).rejects.toMatchObject({
      type: 'ServiceNotInMetrics',
      nonRetryable: true,
    });
    const { shortlist, outcome } = await analyse(service, undefined, true);
    expect(shortlist).toMatchObject({ scope: { kind: 'none' }, metrics: [] });
    const codes = outcome.warnings.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['ServiceNotInMetrics', 'NoMetrics']));
    expect(outcome.result.details.metrics).toEqual([]);
  });
});

it('reports a pinned metric that does not exist, as blind', async () => {
  const { outcome } = await analyse('checkout-api', {
    service: 'checkout-api',
    kind: 'http-service',
    description: 'Takes orders.',
    depends_on: [],
    risks: [],
    pinned_metrics: ['checkout_pending_queue_depth'],
    path: 'services/checkout-api.md',
    prose: '',
  });
  const codes = outcome.warnings.map(({ code, message }) => `${code} ${message}`);
  expect(codes).toEqual([
    expect.stringMatching(/^BlindRule checkout_pending_queue_depth is blind: no series/),
  ]);
});

it('tells the version of the server', async () => {
  const { version } = await createPrometheus({ url: server.url }).buildInfo();
  expect(version).toMatch(/^\d+\.\d+/);
});

it('passes on why a query was refused', async () => {
  const prometheus = createPrometheus({ url: server.url });
  await expect(prometheus.query('sum(', server.end)).rejects.toThrow(/bad_data: .*parse error/);
});
