import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client as Elasticsearch } from '@elastic/elasticsearch';
import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import Ajv2020 from 'ajv/dist/2020';
import { startReleaseSystem, type SandboxReleaseSystem } from '../../sandbox/release-system';
import { openIssue } from '../../src/adapters/issue-store/seal';
import type { Issue } from '../../src/domain/issue';
import { MEMO, workflowIdOf } from '../../src/domain/names';
import { startTemporalServer, type TemporalServer } from '../../src/embedded/temporal-server';
import issueSchema from '../../docs/schemas/issue.schema.json';
import { seePage } from '../fixtures/servers/chromium';
import { loadTopology, startElasticsearch } from '../fixtures/servers/elasticsearch';
import { startModel } from '../fixtures/servers/model';
import { startPrometheus } from '../fixtures/servers/prometheus';
import { startWorker } from '../fixtures/processes/product-process';
import { exampleHosts, releasePrep } from '../fixtures/stacks/stack';
import { KNOWLEDGE_FOLDER } from '../fixtures/knowledge';
import { sleep } from '../fixtures/wait';

jest.setTimeout(120_000);

const SERVICE = 'checkoutservice';
const TOKEN = 'secret-release-token';
const ARTEFACTS = '.artifacts';

let temporal: TemporalServer;
let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
let releaseSystem: SandboxReleaseSystem;
let client: Client;
let connection: Connection;
let native: NativeConnection;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  temporal = await startTemporalServer({ ui: true });
  prometheus = await startPrometheus(SERVICE);
  releaseSystem = await startReleaseSystem({ hosts: exampleHosts(SERVICE), token: TOKEN });
  connection = await Connection.connect({ address: temporal.address });
  native = await NativeConnection.connect({ address: temporal.address });
  client = new Client({ connection });
}, 400_000);
afterAll(async () => {
  await native?.close();
  await connection?.close();
  await releaseSystem?.stop();
  await prometheus?.stop();
  await temporal?.stop();
});

/** Every run works on task queues of its own, so that no worker takes another test's work. */
const environment = (more: Record<string, string> = {}): Record<string, string> => ({
  TEMPORAL_ADDRESS: temporal.address,
  RELEASE_SYSTEM_URL: releaseSystem.url,
  RELEASE_SYSTEM_TOKEN: TOKEN,
  PROMETHEUS_URL: prometheus.url,
  RELEASE_PREP_TASK_QUEUE: `prep-${randomUUID()}`,
  // The sandbox's executor gets the issues.
  WORKER_ROLES: 'prepare',
  EXECUTOR_WORKFLOW_TYPE: 'ReleaseExecutorWorkflow',
  EXECUTOR_TASK_QUEUE: `executor-${randomUUID()}`,
  ISSUE_STORE_URL: `file:/tmp/release-prep-test-${randomUUID()}`,
  MODEL_CACHE_DIR: `/tmp/release-prep-test-${randomUUID()}`,
  ...more,
});

async function withWorker<Result>(
  env: Record<string, string>,
  body: () => Promise<Result>,
): Promise<Result> {
  const worker = await startWorker(env);
  const executor = await Worker.create({
    connection: native,
    taskQueue: env['EXECUTOR_TASK_QUEUE'] ?? '',
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: require.resolve('../../sandbox/executor'),
      logger: new DefaultLogger('ERROR'),
    }),
  });
  try {
    return await executor.runUntil(body);
  } finally {
    await worker.stop();
  }
}

const issueOf = (out: string): Issue => {
  const issue = JSON.parse(out) as Issue;
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(issueSchema);
  expect(validate(issue) ? [] : validate.errors).toEqual([]);
  return openIssue(issue.issue_id, issue);
};

describe.each(['8.19.9', '9.5.3'] as const)('with Elasticsearch %s', (version) => {
  let elasticsearch: Awaited<ReturnType<typeof startElasticsearch>>;
  beforeAll(async () => {
    elasticsearch = await startElasticsearch(version);
    await loadTopology(elasticsearch.url, 'otel');
  }, 400_000);
  afterAll(() => elasticsearch?.stop());

  it.each(['no model', 'a model', 'a model that refuses everything', 'a model that is down'])(
    'prepares, records once and delivers with %s',
    async (situation) => {
      const mode =
        situation === 'a model' ? 'answer' : situation.endsWith('down') ? 'down' : 'refuse';
      const model = situation === 'no model' ? undefined : await startModel(mode);
      const index = `issues-${randomUUID()}`;
      const env = environment({
        ELASTICSEARCH_URL: elasticsearch.url,
        ISSUE_STORE_URL: elasticsearch.url,
        ISSUE_INDEX: index,
        TOPOLOGY_INDEX_PREFIX: 'topo-',
        TOPOLOGY_WINDOW: '2026-08-22T23:30:00Z/2026-08-23T00:30:00Z',
        ...(model && { OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: 'secret-model-key' }),
      });
      const candidate = `v1.1.0-${randomUUID().slice(0, 8)}`;
      const args = ['prepare', '--service', SERVICE, '--version', candidate, '--json'];
      const { issue, received } = await withWorker(env, async () => {
        const run = await releasePrep(args, env);
        expect(run.err).not.toContain('secret');
        expect(run.code).toBe(0);
        const executor = client.workflow.getHandle(`release/${SERVICE}/${candidate}`);
        const state = await executor.query<{ received: { digest: string }[] }>('state');
        await executor.terminate();
        return { issue: issueOf(run.out), received: state.received };
      });
      expect(received).toEqual([{ issue_id: issue.issue_id, digest: issue.digest }]);
      const stored = new Elasticsearch({ node: elasticsearch.url });
      expect((await stored.count({ index })).count).toBe(1);
      await stored.close();

      const [versionCheck, metrics, plan, risks] = issue.steps;
      expect(versionCheck.details).toMatchObject({ current: 'v1.0.0', has_conflict: false });
      expect(risks.details.chain.upstream.map(({ service }) => service).sort()).toEqual([
        'frontend',
        'frontendproxy',
      ]);
      expect(risks.details.chain.downstream).toHaveLength(9);
      expect(metrics.details.metrics.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['CPU', 'Memory', 'Error Rate', 'Latency']),
      );
      expect(plan.details.gray_strategy.batches.map(({ hosts }) => hosts.length)).toEqual([
        1, 2, 4,
      ]);
      const leak = risks.details.risks.find(({ type }) => type === 'memory_leak');
      expect(leak?.mitigation).toBe('restart');
      expect(risks.details.risks.some(({ type }) => type === 'alien_invasion')).toBe(false);
      const fallbacks = issue.warnings.filter(({ code }) => code === 'ModelFallback').length;
      if (mode === 'answer') {
        expect(leak?.severity).toBe('critical');
        // The model asks for 900 s; the running traffic may need more to tell the thresholds.
        const [canary] = plan.details.gray_strategy.batches;
        expect(canary?.reason).toContain('at the request of the model');
        expect(Number.parseInt(canary?.observation_time ?? '', 10)).toBeGreaterThanOrEqual(900);
        expect(risks.details.reasoning.mode).toBe('model');
        expect(risks.details.reasoning.tokens).toBeGreaterThan(100);
        expect(fallbacks).toBe(0);
      } else {
        expect(leak?.severity).toBe('high');
        expect(risks.details.reasoning.mode).toBe('knowledge');
        expect(fallbacks).toBe(model === undefined ? 0 : 3);
      }
      await model?.stop();
    },
  );
});

describe('refusals end with exit 3, their type and their reason; nothing is stored or delivered', () => {
  const only = (change: (host: ReturnType<typeof exampleHosts>[number], i: number) => void) => {
    const hosts = exampleHosts(SERVICE);
    hosts.forEach(change);
    return hosts;
  };
  const taken = [{ name: SERVICE, version: 'v1.1.0', status: 'active' }];
  it.each([
    [
      'the version on one host',
      only((host, i) => i === 2 && (host.services = taken)),
      [],
      'VersionConflict',
      'sh2-node-001',
    ],
    [
      'the version on all hosts',
      only((host) => (host.services = taken)),
      [],
      'VersionConflict',
      '7 of 7',
    ],
    [
      'one host down',
      only((host, i) => i === 3 && (host.status = 'down')),
      [],
      'HostsUnhealthy',
      'host is down',
    ],
    ['no hosts', [], [], 'NoTargetHosts', 'no hosts'],
    [
      'an unknown host',
      exampleHosts(SERVICE),
      [{ host_id: 'mars-1', host_ip: '10.9.9.9' }],
      'NoTargetHosts',
      'mars-1',
    ],
  ])('%s', async (_name, hosts, asked, type, reason) => {
    const env = environment();
    releaseSystem.setHosts(hosts);
    const hostArgs = asked.length > 0 ? ['--hosts', '-'] : [];
    const run = await withWorker(env, () =>
      releasePrep(
        ['prepare', '--service', SERVICE, '--version', 'v1.1.0', '--json', ...hostArgs],
        env,
        JSON.stringify(asked),
      ),
    );
    releaseSystem.setHosts(exampleHosts(SERVICE));
    expect(run.code).toBe(3);
    expect(JSON.parse(run.out)).toMatchObject({ step_name: 'VersionCheck', status: 'failed' });
    expect(run.err).toContain(`refused (${type})`);
    expect(run.err).toContain(reason);
    const { out } = await releasePrep(['list', '--json'], env);
    expect(JSON.parse(out)).toEqual([]);
    await expect(
      client.workflow.getHandle(`release/${SERVICE}/v1.1.0`).describe(),
    ).rejects.toThrow();
  });
});

it('refuses in a freeze and says whose it is; an override goes on, and the issue says over what', async () => {
  const day = 86_400_000;
  const env = environment({
    KNOWLEDGE_DIR: knowledgeWith(
      { from: Date.now() - day, until: Date.now() + 2 * day },
      'year-end closing',
    ),
  });
  const prepare = ['prepare', '--service', SERVICE, '--version', 'v3.0.0', '--json'];
  const [frozen, looked, overridden] = await withWorker(env, async () => [
    await releasePrep(prepare, env),
    await releasePrep([...prepare, '--dry-run'], env),
    await releasePrep(
      [...prepare, '--override-by', 'dana', '--override-reason', 'security fix'],
      env,
    ),
  ]);
  for (const refusal of [frozen, looked]) {
    expect(refusal.code).toBe(3);
    expect(refusal.err).toContain('refused (ReleaseFrozen)');
    expect(refusal.err).toContain('freeze closing: year-end closing');
    expect(refusal.err).toContain('finance');
  }
  expect(overridden.code).toBe(0);
  const issue = issueOf(overridden.out);
  expect(issue.override).toMatchObject({
    by: 'dana',
    reason: 'security fix',
    conflicts: [{ kind: 'freeze', service: SERVICE, holder: 'finance' }],
  });
  const { out } = await releasePrep(['list', '--json'], env);
  expect(JSON.parse(out)).toHaveLength(1);
});

/** The product's knowledge with one freeze of everything, in UTC. */
function knowledgeWith({ from, until }: { from: number; until: number }, reason: string): string {
  const folder = `/tmp/release-prep-test-${randomUUID()}`;
  cpSync(KNOWLEDGE_FOLDER, folder, { recursive: true });
  const file = path.join(folder, 'rollout', 'default.md');
  const local = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  const freeze = `{id: closing, owner: finance, reason: ${reason}, everywhere: true, time_zone: UTC, from: "${local(from)}", until: "${local(until)}"}`;
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('\nreferences:', `\nfreezes:\n  - ${freeze}\nreferences:`),
  );
  return folder;
}

it('survives a release system that is down at first, says what waits and why, and shows the run in the Web UI', async () => {
  mkdirSync(ARTEFACTS, { recursive: true });
  const port = new URL(releaseSystem.url).port;
  const env = environment();
  await releaseSystem.stop();
  await withWorker(env, async () => {
    const run = await releasePrep(
      ['prepare', '--service', SERVICE, '--version', 'v2.0.0', '--detach'],
      env,
    );
    expect(run.code).toBe(0);
    await sleep(3_000);
    const status = await releasePrep(['status', SERVICE, 'v2.0.0'], env);
    expect(status.out).toMatch(/verifyVersion: try [2-9], last failure: .*ECONNREFUSED/);
    releaseSystem = await startReleaseSystem({
      hosts: exampleHosts(SERVICE),
      token: TOKEN,
      port: Number(port),
    });
    const joined = await releasePrep(
      ['prepare', '--service', SERVICE, '--version', 'v2.0.0', '--json'],
      env,
    );
    expect(joined.code).toBe(0);
    const issue = issueOf(joined.out);
    expect(issue.warnings.map(({ code }) => code)).toContain('ChainUnknown');

    const id = `release-prep/${SERVICE}/v2.0.0`;
    const { runId, memo } = await client.workflow.getHandle(id).describe();
    const { sentence, ready } = issue.verdict ?? {};
    expect(sentence).toBeDefined();
    expect(memo?.[MEMO.verdict]).toMatchObject({ sentence, ready });
    const run1 = `${temporal.uiUrl}/namespaces/default/workflows/${encodeURIComponent(id)}/${runId}`;
    const history = await seePage(`${run1}/history`, `${ARTEFACTS}/web-ui.png`);
    expect(history).toContain(`${SERVICE} v2.0.0 on all hosts`);
    expect(history).toContain('hosts and versions, from the release system');
    const details = await seePage(`${run1}/user-metadata`);
    expect(details).toContain('No conflict detected');
    expect(details).toContain(issue.issue_id);
    expect(details).toContain(sentence);
  });
});

it('prepares the user’s own example: its fields, and its values for VersionCheck and ReleasePlan', async () => {
  releaseSystem.setHosts(exampleHosts());
  const env = environment();
  const run = await withWorker(env, () =>
    releasePrep(
      [
        ...['prepare', '--service', 'user-service', '--version', 'v1.1.0', '--json'],
        // The Prometheus of these tests has no series of it.
        '--allow-unknown-service',
      ],
      env,
    ),
  );
  releaseSystem.setHosts(exampleHosts(SERVICE));
  const issue = issueOf(run.out);
  const host = (host_id: string, host_ip: string) => ({ host_id, host_ip });
  expect(issue).toMatchObject({
    candidate: 'v1.1.0',
    service: 'user-service',
    title: 'Release Preparation - user-service v1.1.0',
  });
  expect(issue.steps.map((step) => step.step_name)).toEqual([
    'VersionCheck',
    'MetricAnalysis',
    'ReleasePlan',
    'RiskPrediction',
  ]);
  expect(issue.steps[0]).toMatchObject({
    status: 'success',
    summary: 'No conflict detected',
    details: {
      candidate: 'v1.1.0',
      conflict_reason: '',
      current: 'v1.0.0',
      has_conflict: false,
      service: 'user-service',
    },
  });
  expect(issue.steps[2]).toMatchObject({
    status: 'success',
    summary: '3 batches created',
    details: {
      service: 'user-service',
      gray_strategy: {
        batches: [
          { batch_id: 1, observation_time: '600s', hosts: [host('bj1-node-001', '127.0.0.1')] },
          {
            batch_id: 2,
            observation_time: '1800s',
            hosts: [host('sh1-node-001', '192.168.1.11'), host('sh2-node-001', '192.168.2.11')],
          },
          {
            batch_id: 3,
            observation_time: '3600s',
            hosts: [
              host('sh1-node-002', '192.168.1.12'),
              host('sh1-node-003', '192.168.1.13'),
              host('sh2-node-002', '192.168.2.12'),
              host('sh2-node-003', '192.168.2.13'),
            ],
          },
        ],
      },
    },
  });
});

describe('bad input and bad configuration end with exit 2 and every error', () => {
  it.each([
    ['an empty service', ['--service', ' ', '--version', 'v1'], 'service: must not be empty'],
    ['a service of 10 kB', ['--service', 'x'.repeat(10_000), '--version', 'v1'], 'at most 128'],
    ['no version', ['--service', 's'], '--version'],
    ['an unknown option', ['--service', 's', '--version', 'v', '--fast'], '--fast'],
  ])('%s', async (_name, args, message) => {
    const run = await releasePrep(['prepare', ...args], environment());
    expect(run.code).toBe(2);
    expect(run.out).toBe('');
    expect(run.err).toContain(message);
  });

  it('a broken configuration', async () => {
    const run = await releasePrep(['worker'], { PROMETHEUS_URL: 'nowhere', LLM_MODE: 'maybe' });
    expect(run.code).toBe(2);
    expect(run.err).toContain('PROMETHEUS_URL');
    expect(run.err).toContain('LLM_MODE');
  });
});

it('carries 10,000 hosts in and out, and odd service names, and starts nothing for a dry run', async () => {
  const odd = 'a"b{c}\\d 用户服务';
  releaseSystem.setHosts(
    Array.from({ length: 10_000 }, (_, i) => ({
      host_id: `zone${i % 5}-node-${i}`,
      host_ip: '10.0.0.1',
      status: 'running',
      services: [{ name: odd, version: 'v1.0.0', status: 'active' }],
    })),
  );
  const env = environment();
  const hosts = path.join(mkdtempSync('/tmp/release-prep-hosts-'), 'hosts.json');
  const asked = Array.from({ length: 10_000 }, (_, i) => ({
    ...{ host_id: `zone${i % 5}-node-${i}`, host_ip: '10.0.0.1' },
  }));
  writeFileSync(hosts, JSON.stringify(asked));
  const args = ['prepare', '--service', odd, '--version', 'v1.1.0', '--hosts', hosts];
  const more = ['--allow-unknown-service', '--json', '--dry-run'];
  const run = await withWorker(env, () => releasePrep([...args, ...more], env));
  releaseSystem.setHosts(exampleHosts(SERVICE));
  // Half a megabyte of hosts goes in, and more comes out: none of it lies in the history.
  const handle = client.workflow.getHandle(workflowIdOf(odd, 'v1.1.0', true));
  const { raw } = await handle.describe();
  expect(JSON.stringify(asked).length).toBeGreaterThan(500_000);
  expect(Number(raw.workflowExecutionInfo?.historySizeBytes)).toBeLessThan(256 * 1024);
  expect(run.err).not.toContain('failed (');
  expect(run.code).toBe(0);
  const batches = issueOf(run.out).steps[2].details.gray_strategy.batches;
  expect(batches.reduce((sum, batch) => sum + batch.hosts.length, 0)).toBe(10_000);
  const { out } = await releasePrep(['list', '--json'], env);
  expect(JSON.parse(out)).toEqual([]);
}, 400_000);
