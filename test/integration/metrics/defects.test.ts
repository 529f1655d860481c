import { setThresholds } from '../../../src/activities/set-thresholds';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';
import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import { TechnologyDocument } from '../../../src/domain/knowledge/technology-document';
import type { CatalogueMetric, Rule } from '../../../src/domain/metrics';
import { DEFECTS, defectsText } from '../../fixtures/defects';
import { startPrometheusWith, type PrometheusServer } from '../../fixtures/servers/prometheus';

jest.setTimeout(120_000);

const common = { op: '>', for: '300s', source: 'test', default: 100 };
const technology = TechnologyDocument.parse({
  id: 'general',
  title: 'General',
  references: ['test'],
  groups: [
    {
      name: 'Queue',
      signal: 'saturation',
      levels: [
        { ...common, match: ['*_items'], form: 'value', unit: 'count' },
        { ...common, match: ['*_seconds'], form: 'value', aggregate: 'max', unit: 'seconds' },
        { ...common, match: ['restarting_total'], form: 'rate', unit: 'per_second' },
        { ...common, match: ['idle_total'], form: 'rate', op: '<', unit: 'per_second' },
      ],
    },
  ],
});
const knowledge = {
  ...{ risks: [], services: [], rollout: [] },
  technologies: [{ ...technology, path: 'technologies/general.md', prose: '' }],
} as unknown as Knowledge;

const NAMES = ['absent_items', ...Object.keys(DEFECTS).filter((n) => n !== 'depth_of_new_items')];
const metricOf = (name: string): CatalogueMetric => ({
  ...{ name, help: '', unit: '' },
  type: DEFECTS[name]?.type ?? 'gauge',
});

let server: PrometheusServer;
let rules: Rule[];
beforeAll(async () => {
  server = await startPrometheusWith(defectsText);
  const { result } = await setThresholds(
    { prometheus: createPrometheus({ url: server.url }), knowledge, model: undefined },
    {
      now: new Date(server.end * 1000).toISOString(),
      selection: {
        service: 'defects',
        scope: { kind: 'label', label: 'service', value: 'defects' },
        groups: [{ name: 'Queue', candidates: NAMES, watches: [] }],
        metrics: [...NAMES, 'depth_of_new_items'].map(metricOf),
        catalogueSize: NAMES.length,
        reasoning: { mode: 'knowledge' },
      },
    },
  );
  rules = result.details.metrics.flatMap((group) => group.rules);
});
afterAll(() => server?.stop());

it.each([
  ['absent_items', 'blind', 'absent'],
  ['stale_items', 'blind', 'stale'],
  ['few_items', 'weak', 'few_samples'],
  ['elsewhere_items', 'blind', 'wrong_label'],
  ['nan_items', 'weak', 'nan'],
  ['restarting_total', 'weak', 'resets'],
  ['flat_items', 'weak', 'flat_zero'],
  ['late_items', 'weak', 'late_series'],
  ['depth_of_old_items', 'blind', 'renamed'],
  ['twice_items', 'weak', 'duplicate_series'],
  ['mixed_seconds', 'weak', 'mixed_units'],
  ['idle_total', 'weak', 'no_traffic'],
  ['sound_items', 'judgeable', undefined],
])('%s is %s: %s', (candidate, judgeable, defect) => {
  const rule = rules.find((one) => one.candidate === candidate);
  expect([rule?.judgeable, rule?.defect, rule?.remedy]).toEqual([
    judgeable,
    defect,
    defect === undefined ? undefined : expect.stringMatching(/\w/),
  ]);
});

it('passes nothing on absent data', () => {
  const passed = rules.filter(({ judgeable }) => judgeable === 'judgeable');
  expect(passed.map(({ candidate }) => candidate)).toEqual(['sound_items']);
  expect(rules).toHaveLength(NAMES.length);
});
