/**
 * Tokens that one preparation sends to a model, beside a naive prompt of the same facts: `npm run bench:tokens`.
 * Counted with o200k_base and cl100k_base from what really went over the wire, schemas included.
 */
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { countTokens as cl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { countTokens as o200k } from 'gpt-tokenizer/encoding/o200k_base';
import { serveJson } from '../../sandbox/http-server';
import { planGrayStrategy } from '../../src/activities/plan-gray-strategy';
import { predictRisks } from '../../src/activities/predict-risks';
import { selectMetrics } from '../../src/activities/select-metrics';
import { setThresholds } from '../../src/activities/set-thresholds';
import { shortlistMetrics } from '../../src/activities/shortlist-metrics';
import { createModel } from '../../src/adapters/model/model';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus';
import { createReleaseSystem } from '../../src/adapters/release-system/release-system';
import { startReleaseSystem } from '../../sandbox/release-system';
import { wave } from '../fixtures/metric-facts';
import { longChain, riskDeps } from '../fixtures/risks/risk-deps';
import { answer, isProbe, serveModel, strictServer, type Call } from '../fixtures/servers/model';
import { exampleHosts } from '../fixtures/stacks/stack';
import { showTargets } from './targets';

const METRICS = 5_000;
const SERVICES = 60;
const SERVICE = 'user-service';
const NOW = '2026-01-05T10:00:00Z';
const END = Date.parse(NOW) / 1000;

/** Names as exporters and applications build them: subject, thing, measure. */
function catalogue(): { name: string; type: string; help: string }[] {
  const subjects =
    'http_server http_client grpc_server jvm_memory jvm_gc process go_memstats db_pool redis_client kafka_consumer kafka_producer cache session auth payment order inventory email search queue scheduler storage disk node_network node_memory'.split(
      ' ',
    );
  const things =
    'requests responses connections errors timeouts retries bytes objects entries messages threads tasks locks queries transactions batches records events sessions files'.split(
      ' ',
    );
  const measures = [
    ['total', 'counter'],
    ['failed_total', 'counter'],
    ['active', 'gauge'],
    ['pending', 'gauge'],
    ['max', 'gauge'],
    ['duration_seconds', 'histogram'],
    ['size_bytes', 'histogram'],
    ['utilization_ratio', 'gauge'],
    ['wait_seconds_total', 'counter'],
    ['last_success_timestamp_seconds', 'gauge'],
  ] as const;
  return subjects
    .flatMap((subject) =>
      things.flatMap((thing) =>
        measures.map(([measure, type]) => ({
          name: `${subject}_${thing}_${measure}`,
          type,
          help: `The ${measure.replaceAll('_', ' ')} of ${thing} that ${subject.replaceAll('_', ' ')} has handled since start.`,
        })),
      ),
    )
    .slice(0, METRICS);
}

async function startPrometheus(metrics: ReturnType<typeof catalogue>) {
  const values = wave(2160, 10, 1).map((v, i) => [END - (2159 - i) * 120, String(v)]);
  return serveJson(({ pathname }) => {
    const data = pathname.endsWith('metadata')
      ? Object.fromEntries(
          metrics.map(({ name, type, help }) => [name, [{ type, help, unit: '' }]]),
        )
      : pathname.endsWith('query_range')
        ? { resultType: 'matrix', result: [{ metric: {}, values }] }
        : pathname.endsWith('query')
          ? { resultType: 'vector', result: [{ metric: {}, value: [END, '3'] }] }
          : pathname.endsWith('series')
            ? []
            : metrics.flatMap(({ name, type }) =>
                type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
              );
    return { body: { status: 'success', data } };
  });
}

/** The least that takes part in a proposal, so that no step stops for want of one. */
function replyTo({ body }: Call): unknown {
  const name = body.response_format?.json_schema?.name ?? '';
  const empty = Object.entries(
    (body.response_format?.json_schema?.schema as { properties: object }).properties,
  ).map(([key]) => [key, []]);
  return name === 'probe' ? { colour: 'red' } : Object.fromEntries(empty);
}

async function main(): Promise<void> {
  const metrics = catalogue();
  const chain = longChain(SERVICES);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'release-prep-bench-'));
  const server = await serveModel(
    strictServer((call, response) => answer(call, response, replyTo(call))),
  );
  const upstream = await startPrometheus(metrics);
  const system = await startReleaseSystem({ hosts: exampleHosts(SERVICE) });
  const model = createModel({ baseUrl: server.url, model: 'm', cacheDir: folder });
  const deps = {
    ...(await riskDeps(model, folder)),
    prometheus: createPrometheus({ url: upstream.url }),
    releaseSystem: createReleaseSystem({ url: system.url }),
  };
  const release = { service: SERVICE, version: 'v1.1.0' };
  const facts = { ...release, currentVersions: { 'v1.0.0': 7 }, hosts: 7, chain };
  const { result } = await predictRisks(deps, facts);
  const risks = result.details.risks.map(({ type, watch, severity }) => ({
    type,
    watch,
    severity,
  }));
  const shortlist = await shortlistMetrics(deps, { service: SERVICE, now: NOW });
  const selection = await selectMetrics(deps, { shortlist, risks });
  const metricStep = await setThresholds(deps, { selection, now: NOW });
  const planStep = await planGrayStrategy(deps, release);
  for (const { reasoning } of [result.details, metricStep.result.details, planStep.result.details])
    if (reasoning.mode !== 'model') throw new Error(`not asked: ${reasoning.fallback_reason}`);
  report(server.calls, JSON.stringify({ metrics, chain }));
  await Promise.all([server.stop(), upstream.stop(), system.stop()]);
}

function report(calls: Call[], naive: string): void {
  const sent = calls.map(({ body }) => ({
    name: isProbe({ text: JSON.stringify(body) } as Call) ? 'probe (once a day)' : nameOf(body),
    text: `${body.messages.map(({ content }) => content).join('\n')}\n${JSON.stringify(body.response_format)}`,
  }));
  console.log(`${METRICS} metrics, ${SERVICES} services\n`);
  console.log('prompt               o200k_base  cl100k_base');
  const line = (name: string, text: string[]) => {
    const sum = (count: (t: string) => number) => text.reduce((n, t) => n + count(t), 0);
    const counts = [sum((t) => o200k(t)), sum((t) => cl100k(t))];
    console.log(`${name.padEnd(21)}${counts.map((n) => String(n).padEnd(12)).join('')}`);
    return counts[0] ?? 0;
  };
  for (const { name, text } of sent) line(name, [text]);
  const all = line(
    'together',
    sent.map(({ text }) => text),
  );
  const plain = line('naive, once', [naive]);
  console.log('');
  showTargets([
    { what: 'of the naive prompt', measured: (100 * all) / plain, unit: ' %', atMost: 5 },
    { what: 'a preparation', measured: all, unit: ' tokens', atMost: 60_000 },
  ]);
}

const nameOf = (body: Call['body']): string => body.response_format?.json_schema?.name ?? '';

void main();
