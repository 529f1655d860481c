/** 500 rules, two weeks of history each, from a local Prometheus: how long, how many requests, how many bytes. */
import { createPrometheus } from '../../src/adapters/prometheus/prometheus';
import type { GroupLevel } from '../../src/steps/knowledge/metric-groups';
import { levelPlan } from '../../src/steps/thresholds/joint-thresholds';
import { level } from '../fixtures/metric-facts';
import { accidentsOf, METRICS, run } from '../fixtures/synthetic-service';
import { startPrometheusWith } from '../fixtures/servers/prometheus';
import { showTargets } from './targets';

const DAYS = 14;
const STEP = 120;
const SCALES = [1, 1.1, 1.2, 1.3, 1.4];
const AGGREGATES: GroupLevel['aggregate'][] = ['sum', 'max'];

/** 50 metrics on two hosts. */
function textOf(end: number): string {
  const span = { from: end - DAYS * 86_400, to: end };
  const lines = METRICS.flatMap((metric) => [
    `# TYPE ${metric.name} gauge`,
    ...['a', 'b'].flatMap((host, seed) =>
      run(metric, span, seed + 1, accidentsOf(span.from)).map(
        ({ at, value }) => `${metric.name}{service="bench",instance="${host}:80"} ${value} ${at}`,
      ),
    ),
  ]);
  return `${lines.join('\n')}\n# EOF\n`;
}

async function counted(url: string): Promise<{ requests: number; bytes: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const of = (name: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(name) && line.includes('handler="/api/v1/query_range"'))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  return {
    requests: of('prometheus_http_request_duration_seconds_count'),
    bytes: of('prometheus_http_response_size_bytes_sum'),
  };
}

async function main() {
  const server = await startPrometheusWith(textOf);
  try {
    const prometheus = createPrometheus({ url: server.url });
    const rules = METRICS.flatMap((metric) =>
      SCALES.flatMap((scale) =>
        AGGREGATES.map((aggregate) => ({
          level: level({ ...metric.level, aggregate }),
          expr: `${scale} * ${aggregate}(${metric.name}{service="bench"})`,
        })),
      ),
    );
    const end = Math.floor(server.end / STEP) * STEP;
    const range = { start: end - DAYS * 86_400, end, stepSeconds: STEP };
    const started = performance.now();
    const histories = await Promise.all(
      rules.map(async (rule) => {
        const { data, stepSeconds } = await prometheus.queryRange(rule.expr, range);
        return { level: rule.level, history: { samples: data[0]?.samples ?? [], stepSeconds } };
      }),
    );
    const read = performance.now();
    const plan = levelPlan(histories, { start: end, seconds: 6_000 });
    const done = performance.now();
    const seconds = (from: number, to: number) => Number(((to - from) / 1000).toFixed(1));
    console.log(
      JSON.stringify({
        ...{ rules: rules.length, days: DAYS },
        samples: histories.reduce((sum, { history }) => sum + history.samples.length, 0),
        ...{ read_seconds: seconds(started, read), level_seconds: seconds(read, done) },
        ...{ total_seconds: seconds(started, done), ...(await counted(server.url)) },
        ...plan.falseStops,
      }),
    );
    const what = `${rules.length} rules over ${DAYS} days`;
    showTargets([{ what, measured: seconds(started, done), unit: ' s', atMost: 60 }]);
  } finally {
    await server.stop();
  }
}

void main();
