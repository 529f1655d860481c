import Ajv from 'ajv';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Issue } from '../../src/domain/issue';
import { checkBounds } from '../../src/export/check-export-bounds';
import { exportIssue } from '../../src/export/export';
import { TARGETS, type Target } from '../../src/export/targets';
import { parses } from '../../src/steps/rules/promql';
import { arbitraryIssue, issueWith, sampleIssue } from '../fixtures/arbitrary-issue';

/** What a parser gives, as a test reads it. */
type Loose = ReturnType<typeof JSON.parse>;

const SERVE = 'https://release-prep.example.com/base/';
const CRDS = {
  'argoproj.io/v1alpha1 Rollout': 'argo-rollout',
  'argoproj.io/v1alpha1 AnalysisTemplate': 'argo-analysis-template',
  'flagger.app/v1beta1 Canary': 'flagger-canary',
  'flagger.app/v1beta1 MetricTemplate': 'flagger-metric-template',
  'rollouts.kruise.io/v1beta1 Rollout': 'openkruise-rollout',
  'monitoring.coreos.com/v1 PrometheusRule': 'prometheus-rule',
};

const ajv = new Ajv({ strict: false, allErrors: true });
const schemas = new Map(
  Object.entries(CRDS).map(([kind, name]) => [
    kind,
    ajv.compile(
      JSON.parse(
        readFileSync(path.resolve(__dirname, `../fixtures/crds/${name}.json`), 'utf8'),
      ) as object,
    ),
  ]),
);

type Found = { apiVersion?: string; kind?: string; [key: string]: Loose };
/** All objects of an export, as a parser of YAML 1.1 reads them. */
function objectsOf(issue: Issue, target: Target, serveUrl?: string): Found[] {
  const { files } = exportIssue(issue, target, { prometheusUrl: 'http://p:9090', serveUrl });
  return files.flatMap(({ content }) =>
    parseAllDocuments(content, { version: '1.1' }).map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as Found;
    }),
  );
}

const faultsOf = (object: Found): unknown => {
  if (object.kind === undefined) return [];
  const validate = schemas.get(`${object.apiVersion} ${object.kind}`);
  if (validate === undefined) return `no schema of ${object.apiVersion} ${object.kind}`;
  return validate(object) ? [] : validate.errors;
};

const queriesOf = (object: Found): string[] => {
  const groups = (object['groups'] ?? object['spec']?.groups ?? []) as Found[];
  return [
    ...groups.flatMap(({ rules }) => (rules as { expr: string }[]).map(({ expr }) => expr)),
    ...(object.kind === 'MetricTemplate' ? [object['spec'].query as string] : []),
    ...((object['spec']?.metrics ?? []) as Found[]).flatMap(
      ({ provider }) => (provider?.prometheus?.query as string | undefined) ?? [],
    ),
  ];
};

describe.each(TARGETS)('%s', (target) => {
  it.each([undefined, SERVE])('fits the schemas of the target, gate at %s', (serveUrl) => {
    const objects = objectsOf(sampleIssue(), target, serveUrl);
    expect(objects.length).toBeGreaterThan(0);
    for (const object of objects) expect(faultsOf(object)).toEqual([]);
  });

  it('fits schemas and bounds for any issue, and writes PromQL alone', () => {
    fc.assert(
      fc.property(arbitraryIssue, fc.constantFrom(undefined, SERVE), (issue, serveUrl) => {
        for (const object of objectsOf(issue, target, serveUrl)) {
          expect(faultsOf(object)).toEqual([]);
          expect(checkBounds([object])).toEqual([]);
          for (const query of queriesOf(object)) {
            expect([query, parses(query)]).toEqual([query, true]);
            // Argo and Flagger fill templates in queries; Prometheus does not.
            if (!target.startsWith('prometheus')) expect(query).not.toContain('{{');
          }
        }
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 60) },
    );
  });

  it('names the issue and its digest in every object', () => {
    const issue = sampleIssue();
    for (const { kind, metadata } of objectsOf(issue, target)) {
      if (kind === undefined) continue;
      expect(metadata.annotations).toMatchObject({
        'release-prep.io/issue-id': issue.issue_id,
        'release-prep.io/digest': issue.digest,
      });
    }
    const [first] = exportIssue(issue, target).files;
    expect(first?.content.split('\n')[0]).toBe(`# ${issue.issue_id} ${issue.digest}`);
  });
});

it('finds what is beyond a bound that schemas miss', () => {
  const rollout = (steps: object[]) => ({
    kind: 'Rollout',
    metadata: { name: 'a', labels: {}, annotations: {} },
    spec: { strategy: { canary: { steps } } },
  });
  expect(checkBounds([rollout([{ setWeight: 1 }, { setWeight: 100 }])])).toEqual([]);
  expect(checkBounds([rollout([{ setWeight: 140 }])])).toHaveLength(1);
  expect(checkBounds([rollout([{ setWeight: 5 }, { setWeight: 5 }])])).toHaveLength(1);
  expect(checkBounds([rollout([{ setWeight: 0.5 }])])).toHaveLength(1);
  expect(checkBounds([rollout([{ pause: { duration: '-5s' } }])])).toHaveLength(1);
  expect(checkBounds([rollout([{ pause: { duration: 0 } }])])).toHaveLength(1);
  expect(checkBounds([rollout([{ replicas: 2 }, { replicas: 1 }])])).toHaveLength(1);
  const named = (name: string, labels = {}) => ({
    ...rollout([]),
    metadata: { name, labels, annotations: {} },
  });
  expect(checkBounds([named('A'), named('a_b'), named('a'.repeat(64))])).toHaveLength(3);
  expect(checkBounds([named('a', { x: 'y'.repeat(64) }), named('a', { x: '-y' })])).toHaveLength(2);
  const annotations = { x: 'y'.repeat(300_000) };
  expect(
    checkBounds([{ ...rollout([]), metadata: { name: 'a', labels: {}, annotations } }]),
  ).toHaveLength(1);
  const steps = (stepWeights: number[], interval = '60s') => ({
    ...named('a'),
    kind: 'Canary',
    spec: { analysis: { interval, stepWeights } },
  });
  expect(checkBounds([steps([1, 2]), steps([1, 1]), steps([1], '0s')])).toHaveLength(2);
});

it('splits 1,000 rules into objects that an API server takes', () => {
  const rules = Array.from({ length: 1_000 }, (_, i) => ({ candidate: `metric_${i}_total` }));
  const issue = issueWith({ groups: [{ name: 'Many', rules }] });
  const objects = objectsOf(issue, 'prometheus-operator');
  expect(objects.length).toBeGreaterThan(1);
  const alerts = objects.flatMap(({ spec }) => spec.groups.flatMap((one: Found) => one['rules']));
  expect(alerts).toHaveLength(2_000);
  expect(new Set(objects.map(({ metadata }) => metadata.name)).size).toBe(objects.length);
});

it('refuses a plan that a target cannot hold, and names the bound', () => {
  const expr = `max(x{a="${'y'.repeat(1_100_000)}"})`;
  const issue = issueWith({ groups: [{ name: 'One', rules: [{ expr }] }] });
  expect(() => exportIssue(issue, 'argo-rollouts')).toThrow(/AnalysisTemplate .*over 1 MiB/);
});
