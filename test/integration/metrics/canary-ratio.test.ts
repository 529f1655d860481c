import { selectMetrics } from '../../../src/activities/select-metrics';
import { setThresholds } from '../../../src/activities/set-thresholds';
import { shortlistMetrics } from '../../../src/activities/shortlist-metrics';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';
import type { MetricAnalysisDetails, Rule } from '../../../src/domain/metrics';
import { withBatchExpressions } from '../../../src/steps/metric-analysis/batch-expressions';
import { createRandom } from '../../fixtures/random';
import { startPrometheusWith, type PrometheusServer } from '../../fixtures/servers/prometheus';
import { shippedKnowledge } from '../../fixtures/knowledge';

jest.setTimeout(180_000);

const STEP = 60;
const DAYS = 4;
const FAULT_SECONDS = 1_800;
const hosts = [1, 2, 3, 4, 5, 6].map((n) => ({ host_id: `web-${n}`, host_ip: `10.0.0.${n}` }));
const batches = [hosts.slice(0, 1), hosts.slice(1, 3), hosts.slice(3)].map((some, index) => ({
  batch_id: index + 1,
  hosts: some,
}));

/**
 * What all hosts have to do swings between tens and thousands without a season, so that no level is sharp; they share
 * it evenly. In the last half hour the first host has three times as much as the others.
 */
function unsteadyText(end: number): string {
  const random = createRandom(3).next;
  const lines = ['# TYPE shop_queue_depth gauge'];
  let load = Math.log(200);
  for (let at = end - DAYS * 86_400; at <= end; at += STEP) {
    load += 0.25 * (random() - 0.5) + 0.02 * (Math.log(200) - load);
    if (random() < 0.01) load = Math.log(20) + random() * Math.log(300);
    hosts.forEach(({ host_ip: ip }, index) => {
      const factor = index === 0 && at > end - FAULT_SECONDS ? 3 : 1;
      const value = Math.exp(load) * factor * (1 + 0.1 * (random() - 0.5));
      lines.push(
        `shop_queue_depth{service="shop",instance="${ip}:8080"} ${value.toFixed(1)} ${at}`,
      );
    });
  }
  // OpenMetrics keeps the samples of one series together.
  const [type = '', ...samples] = lines;
  return `${[type, ...samples.sort(bySeries)].join('\n')}\n# EOF\n`;
}

const bySeries = (a: string, b: string): number => {
  const [one, other] = [a, b].map((line) => line.slice(0, line.indexOf('}')));
  return (one ?? '') < (other ?? '') ? -1 : (one ?? '') > (other ?? '') ? 1 : 0;
};

let server: PrometheusServer;
let details: MetricAnalysisDetails;
beforeAll(async () => {
  server = await startPrometheusWith(unsteadyText);
  const knowledge = await shippedKnowledge();
  const deps = {
    prometheus: createPrometheus({ url: server.url }),
    prometheusServiceLabels: ['service'],
    prometheusHostLabels: ['instance'],
    knowledge,
    model: undefined,
    releaseSystem: { hostRefsOf: () => Promise.resolve(hosts) } as never,
  };
  const now = new Date((server.end - FAULT_SECONDS - 600) * 1000).toISOString();
  const shortlist = await shortlistMetrics(deps, { service: 'shop', now });
  const selection = await selectMetrics(deps, { shortlist, risks: null });
  const { result } = await setThresholds(deps, { selection, now });
  details = withBatchExpressions(result.details, batches);
});
afterAll(() => server?.stop());

const ruleOf = (): Rule => {
  const rules = details.metrics.flatMap((group) => group.rules);
  const found = rules.find(({ candidate }) => candidate === 'shop_queue_depth');
  if (!found) throw new Error(`no rule of shop_queue_depth among ${rules.length}`);
  return found;
};
const valueAt = async (expr: string, at: number): Promise<number> => {
  const { data } = await createPrometheus({ url: server.url }).query(expr, at);
  return data[0]?.sample.value ?? NaN;
};

it('compares batch and others where the level of all hosts is too blunt', () => {
  const { relative, baseline, threshold } = ruleOf();
  expect(threshold).toBeGreaterThan(2 * (baseline.p50 ?? Infinity));
  expect(relative).toMatchObject({ host_label: 'instance', op: '>' });
  expect(relative?.ratio).toBeGreaterThan(1);
  expect(relative?.ratio).toBeLessThan(3);
  expect(relative?.backtest.fired).toBe(0);
  expect(relative?.backtest.windows).toBeGreaterThan(0);
});

it('has an expression for each batch after which hosts are left to compare with', () => {
  expect(ruleOf().relative?.batches?.map(({ batch_id }) => batch_id)).toEqual([1, 2]);
});

it('fires on a batch that needs three times as much, where the level does not, and in no calm time', async () => {
  const { relative, expr, threshold } = ruleOf();
  const [first, second] = relative?.batches ?? [];
  const { end } = server;
  const ratio = relative?.ratio ?? NaN;
  expect(await valueAt(first?.expr ?? '', end - 60)).toBeGreaterThan(ratio);
  expect(await valueAt(expr, end - 60)).toBeLessThan(threshold);
  expect(await valueAt(second?.expr ?? '', end - 60)).toBeLessThan(ratio);
  for (let hour = 1; hour <= 24; hour += 1) {
    expect(await valueAt(first?.expr ?? '', end - hour * 3600)).toBeLessThan(ratio);
  }
});
