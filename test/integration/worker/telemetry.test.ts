import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { startSandboxPrometheus } from '../../../sandbox/prometheus/server';
import { startReleaseSystem } from '../../../sandbox/release-system';
import type { Issue } from '../../../src/domain/issue';
import { startTemporalServer } from '../../../src/embedded/temporal-server';
import { startModel } from '../../fixtures/servers/model';
import { serveCollector } from '../../fixtures/servers/otlp';
import { startWorker } from '../../fixtures/processes/product-process';
import { exampleHosts, releasePrep } from '../../fixtures/stacks/stack';

jest.setTimeout(180_000);

const SERVICE = 'user-service';
const CHAIN = path.resolve(__dirname, '../../../sandbox/data/chain.json');

const stops: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

const kept = async <Server extends { stop: () => Promise<unknown> }>(
  starting: Promise<Server>,
): Promise<Server> => {
  const server = await starting;
  stops.push(() => server.stop());
  return server;
};

async function prepared(collector: string, model: string, version: string): Promise<Issue> {
  const temporal = await kept(startTemporalServer({ ui: false }));
  const releaseSystem = await kept(startReleaseSystem({ hosts: exampleHosts(SERVICE) }));
  const prometheus = await kept(startSandboxPrometheus());
  const folder = `/tmp/release-prep-test-${randomUUID()}`;
  const env = {
    TEMPORAL_ADDRESS: temporal.address,
    RELEASE_SYSTEM_URL: releaseSystem.url,
    PROMETHEUS_URL: prometheus.url,
    TOPOLOGY_URL: `file:${CHAIN}`,
    ISSUE_STORE_URL: `file:${folder}/issues`,
    MODEL_CACHE_DIR: `${folder}/model`,
    RELEASE_PREP_TASK_QUEUE: `prep-${randomUUID()}`,
    EXECUTOR_WORKFLOW_TYPE: '',
    OPENAI_BASE_URL: `${model}/v1`,
    OPENAI_API_KEY: 'sk-very-secret',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  };
  const worker = await startWorker(env);
  try {
    const args = ['prepare', '--service', SERVICE, '--version', version, '--json'];
    const run = await releasePrep(args, env);
    expect([run.code, run.code === 0 ? '' : run.err]).toEqual([0, '']);
    return JSON.parse(run.out) as Issue;
  } finally {
    await worker.stop();
  }
}

it('exports one span for each paid call of a preparation, and its tokens; neither prompts nor keys', async () => {
  const collector = await kept(serveCollector());
  const model = await kept(startModel('answer'));
  const issue = await prepared(collector.url, model.url, 'v1.1.0');
  const spans = collector.spans();
  expect(spans).toHaveLength(model.calls());
  const questions = spans.map(({ attributes }) => attributes['release_prep.question']).sort();
  expect(new Set(questions)).toEqual(
    new Set(['probe', 'risks', 'metric_groups', 'metric_thresholds', 'gray_plan']),
  );
  for (const { attributes, kind } of spans)
    expect({ kind, ...attributes }).toMatchObject({
      kind: 3,
      'gen_ai.operation.name': 'chat',
      'gen_ai.response.model': 'stand-in-1',
      'gen_ai.usage.input_tokens': expect.any(Number) as number,
    });
  const runs = new Set(spans.map(({ attributes }) => attributes['release_prep.run_id']));
  expect(runs).toContain(issue.workflow.run_id);
  const tokens = collector.points().filter(({ metric }) => metric === 'gen_ai.client.token.usage');
  const last = tokens.slice(-2).map(({ sum }) => sum);
  const used = spans.map(({ attributes }) => [
    Number(attributes['gen_ai.usage.input_tokens']),
    Number(attributes['gen_ai.usage.output_tokens']),
  ]);
  expect(last).toEqual([0, 1].map((i) => used.reduce((sum, pair) => sum + (pair[i] ?? 0), 0)));
  const sent = collector.requests.map(({ bytes }) => bytes.toString('latin1')).join();
  expect(sent).not.toMatch(/sk-very-secret|is an instruction|You assess/);
  expect(sent).toContain('temporal_activity_execution_latency');
});
