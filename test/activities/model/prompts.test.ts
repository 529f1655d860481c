import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { serveJson, type SandboxServer } from '../../../sandbox/http-server';
import { planGrayStrategy } from '../../../src/activities/plan-gray-strategy';
import { predictRisks } from '../../../src/activities/predict-risks';
import { selectMetrics } from '../../../src/activities/select-metrics';
import { setThresholds } from '../../../src/activities/set-thresholds';
import type { Deps } from '../../../src/activities/runtime/activity-deps';
import { createModel } from '../../../src/adapters/model/model';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';
import { PLAN_GRAY_STRATEGY } from '../../../src/prompts/plan-gray-strategy';
import { PREDICT_RISKS } from '../../../src/prompts/predict-risks';
import { SELECT_METRICS } from '../../../src/prompts/select-metrics';
import { SET_THRESHOLDS } from '../../../src/prompts/set-thresholds';
import { longChain, riskDeps } from '../../fixtures/risks/risk-deps';
import { answer, serveModel, type Call } from '../../fixtures/servers/model';

// Two preparations with the whole knowledge base; a busy machine takes its time.
jest.setTimeout(60_000);

const NOW = '2026-01-05T10:00:00Z';
const END = Date.parse(NOW) / 1000;

let prometheus: SandboxServer;
beforeAll(async () => {
  prometheus = await serveJson(({ pathname }) => {
    const values = Array.from({ length: 720 }, (_, i) => [END - (719 - i) * 120, String(i % 5)]);
    const data = pathname.endsWith('query_range')
      ? { resultType: 'matrix', result: [{ metric: {}, values }] }
      : pathname.endsWith('query')
        ? { resultType: 'vector', result: [{ metric: {}, value: [END, '3'] }] }
        : [];
    return { body: { status: 'success', data } };
  });
});
afterAll(() => prometheus.stop());

type Run = { service: string; version: string; hosts: number; metric: string };

/** All questions of one preparation, as they went over the wire; each answer proposes nothing. */
async function questionsOf({ service, version, hosts, metric }: Run, rung: 'json_schema' | 'text') {
  const server = await serveModel((call, response) => answer(call, response, nothing(call)));
  const folder = mkdtempSync(path.join(os.tmpdir(), 'release-prep-prompts-'));
  const model = createModel({
    baseUrl: server.url,
    model: 'm',
    cacheDir: folder,
    structuredOutput: rung,
  });
  const fleet = Array.from({ length: hosts }, (_, i) => ({
    ...{ host_id: `${service}-${i}`, host_ip: `10.0.0.${i + 1}`, status: 'running' as const },
    services: [{ name: service, version: 'v1.0.0', status: 'active' as const }],
  }));
  const deps = {
    ...(await riskDeps(model, folder)),
    prometheus: createPrometheus({ url: prometheus.url }),
    releaseSystem: {
      hostsOf: () => Promise.resolve(fleet),
      hostRefsOf: () => Promise.resolve(fleet),
    } as unknown as Deps['releaseSystem'],
  };
  const chain = { ...longChain(4), service };
  await predictRisks(deps, {
    service,
    version,
    currentVersions: { 'v1.0.0': hosts },
    hosts,
    chain,
  });
  const selection = await selectMetrics(deps, {
    shortlist: {
      service,
      scope: { kind: 'label', label: 'service', value: service },
      metrics: [{ name: metric, type: 'gauge', help: `Of ${service}.`, unit: '' }],
      catalogueSize: 1,
    },
    risks: null,
  });
  await setThresholds(deps, { selection, now: NOW });
  await planGrayStrategy(deps, { service, version });
  await server.stop();
  return server.calls.map(({ body }) => body);
}

/** The smallest answer that each question's schema lets pass. */
const nothing = ({ text }: Call): unknown =>
  text.includes('which faults the release')
    ? { risks: [] }
    : text.includes('choose the metrics')
      ? { groups: [] }
      : text.includes('tighten the alert')
        ? { rules: [] }
        : { order: [], batches: [] };

const RUNS: [Run, Run] = [
  { service: 'user-service', version: 'v1.1.0', hosts: 7, metric: 'process_resident_memory_bytes' },
  { service: 'ünïcode-shop', version: '2026-01-05', hosts: 40, metric: 'jvm_threads_deadlocked' },
];

it.each(['json_schema', 'text'] as const)(
  'sends the same bytes first, whatever is released, so that servers can cache them: %s',
  async (rung) => {
    const [first, second] = await Promise.all(RUNS.map((run) => questionsOf(run, rung)));
    const prefixes = (bodies: typeof first) =>
      bodies?.map(({ messages, response_format }) =>
        JSON.stringify([messages[0], response_format ?? null]),
      );
    expect(first).toHaveLength(4);
    expect(first?.every(({ messages }) => messages[0]?.role === 'system')).toBe(true);
    expect(prefixes(second)).toEqual(prefixes(first));
    for (const run of RUNS)
      expect(prefixes(first)?.join()).not.toMatch(
        new RegExp(`${run.service}|${run.version}|${run.metric}`),
      );
  },
);

/** The version is a part of what answers are kept under: another text under an old version would find stale answers. */
it.each([
  [PREDICT_RISKS, 'predict-risks/2', 'ef3d2e8a94d1856c'],
  [SELECT_METRICS, 'select-metrics/1', '50e98037c733980d'],
  [SET_THRESHOLDS, 'set-thresholds/1', '1d9860babf6a6155'],
  [PLAN_GRAY_STRATEGY, 'plan-gray-strategy/1', 'd81b779ad5ef3f7f'],
])('has a new version wherever the text is new: %j', ({ version, system }, known, hash) => {
  expect([version, createHash('sha256').update(system).digest('hex').slice(0, 16)]).toEqual([
    known,
    hash,
  ]);
});
