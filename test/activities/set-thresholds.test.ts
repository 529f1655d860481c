import { createPrometheus } from '../../src/adapters/prometheus/prometheus';
import type { Model } from '../../src/adapters/model/model-request';
import { setThresholds } from '../../src/activities/set-thresholds';
import type { Knowledge } from '../../src/domain/knowledge/knowledge';
import type { MetricSelection } from '../../src/domain/metrics';
import { serveJson } from '../../sandbox/http-server';
import { metric, wave } from '../fixtures/metric-facts';
import { shippedKnowledge } from '../fixtures/knowledge';

const NOW = '2026-01-05T10:00:00Z';
const END = Date.parse(NOW) / 1000;

let knowledge: Knowledge;
let server: Awaited<ReturnType<typeof serveJson>> | undefined;
beforeAll(async () => {
  knowledge = await shippedKnowledge();
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const selection = (names: string[]): MetricSelection => ({
  service: 'shop',
  scope: { kind: 'label', label: 'service', value: 'shop' },
  groups: [{ name: 'Memory', candidates: names, watches: [] }],
  metrics: names.map((name) => metric(name)),
  catalogueSize: names.length,
  reasoning: { mode: 'knowledge' },
});

type Reply = { status?: number; body: unknown };
const failed = (status: number, error: string): Reply => ({
  status,
  body: { status: 'error', errorType: 'execution', error },
});
const resultOf = (resultType: string, result: unknown): Reply => ({
  body: { status: 'success', data: { resultType, result } },
});
const calm = resultOf('matrix', [
  {
    metric: {},
    values: wave(2160, 5e8, 1e7).map((value, i) => [END - (2159 - i) * 120, String(value)]),
  },
]);
const present = resultOf('vector', [{ metric: {}, value: [END, '3'] }]);

/** A Prometheus whose range queries are answered by `range`, and the others by `instant`. */
async function analyse(
  chosen: MetricSelection,
  range: (query: string) => Reply,
  ask?: (request: { user: string }) => unknown,
  instant: (query: string) => Reply = () => present,
) {
  const queries: string[] = [];
  server = await serveJson((address, _request, body) => {
    const query = new URLSearchParams(body).get('query') ?? '';
    queries.push(query);
    return address.pathname.endsWith('query_range') ? range(query) : instant(query);
  });
  const model = ask && {
    ask: (request: { user: string }) =>
      Promise.resolve({ kind: 'answer' as const, value: ask(request), model: 'm', tokens: 5 }),
  };
  const deps = {
    prometheus: createPrometheus({ url: server.url }),
    knowledge,
    model: model as unknown as Model | undefined,
  };
  return { queries, outcome: await setThresholds(deps, { selection: chosen, now: NOW }) };
}
const rulesOf = ({ outcome }: Awaited<ReturnType<typeof analyse>>) =>
  outcome.result.details.metrics.flatMap((group) => group.rules);

describe('setThresholds', () => {
  it('makes one rule blind, with the words of Prometheus, when its query is refused', async () => {
    const done = await analyse(
      selection(['process_resident_memory_bytes', 'a_memory_used_bytes']),
      (query) => (query.includes('a_memory') ? failed(422, 'too many samples') : calm),
    );
    expect(rulesOf(done).map(({ judgeable }) => judgeable)).toEqual(['judgeable', 'blind']);
    expect(done.outcome.warnings[0]?.message).toContain('execution: too many samples');
    expect(done.outcome.result.status).toBe('warning');
  });

  it.each([
    [600, 'the clock of Prometheus is 10 min behind that of Temporal'],
    [20, 'stale, with no sample in the last 5 min'],
    [-600, 'stale, with no sample in the last 5 min'],
  ])('says of rules without data why, when Prometheus is %s s behind', async (behind, why) => {
    const clock = resultOf('scalar', [END - behind, String(END - behind)]);
    const done = await analyse(
      selection(['process_resident_memory_bytes', 'a_memory_used_bytes']),
      () => calm,
      undefined,
      (query) => (query === 'time()' ? clock : resultOf('vector', [])),
    );
    expect(rulesOf(done).map(({ judgeable }) => judgeable)).toEqual(['blind', 'blind']);
    for (const { remedy } of rulesOf(done)) expect(remedy).toContain(why);
    expect(done.queries.filter((query) => query === 'time()')).toHaveLength(1);
  });

  it('fails as a whole, and asks no further, when Prometheus is away', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `m${index}_memory_used_bytes`);
    let asked = 0;
    const done = analyse(selection(names), () => {
      asked += 1;
      return failed(503, 'overloaded');
    });
    await expect(done).rejects.toMatchObject({ status: 503, permanent: false });
    expect(asked).toBeLessThan(30);
  });

  it('never asks more than 200 queries', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `m${index}_memory_used_bytes`);
    const done = await analyse(selection(names), () => resultOf('matrix', []));
    expect(done.queries.length).toBeGreaterThan(60);
    expect(done.queries.length).toBeLessThanOrEqual(200);
  });

  it('says so when nothing can judge the release', async () => {
    const { outcome } = await analyse({ ...selection([]), groups: [] }, () => calm);
    expect(outcome.result).toMatchObject({ status: 'warning', details: { metrics: [] } });
    expect(outcome.warnings.map(({ code }) => code)).toEqual(['NoMetrics']);
  });

  it('takes from the model only what is tighter and silent, by ids alone', async () => {
    const names = ['process_resident_memory_bytes', 'a_memory_used_bytes'];
    let prompt = '';
    const done = await analyse(
      selection(names),
      () => calm,
      ({ user }) => {
        prompt = user;
        return {
          rules: [
            { id: 'r1', threshold: 5.4e8 },
            { id: 'r2', threshold: 9e12 },
            { id: 'r3', threshold: 1 },
          ],
        };
      },
    );
    expect(rulesOf(done).map(({ source }) => source)).toEqual(['model', 'history']);
    expect(done.outcome.result.details.metrics[0]?.thresholds[0]).toBe('540MB');
    expect(done.outcome.result.details.reasoning).toMatchObject({ mode: 'model', tokens: 5 });
    expect(prompt).toContain('"id":"r1"');
  });

  it('does not ask a model again that failed the choice of metrics', async () => {
    const chosen = selection(['process_resident_memory_bytes']);
    const failedBefore = { mode: 'knowledge' as const, fallback_reason: 'away' };
    let asked = false;
    const { outcome } = await analyse(
      { ...chosen, reasoning: failedBefore },
      () => calm,
      () => (asked = true),
    );
    expect(asked).toBe(false);
    expect(outcome.warnings.map(({ code }) => code)).toEqual(['ModelFallback']);
  });
});
