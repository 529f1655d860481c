import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import type { Issue } from '../../../src/domain/issue';
import { exportIssue } from '../../../src/export/export';
import type { Target } from '../../../src/export/targets';
import { arbitraryIssue, sampleIssue } from '../../fixtures/arbitrary-issue';
import { runToEnd } from '../../fixtures/processes/process';

jest.setTimeout(300_000);

/** Built with Go on first use, as the Temporal CLI is; KUBECONFORM_PATH names another one. */
const CACHED = path.join(os.homedir(), '.cache/release-prep/bin/kubeconform');
const MODULE = 'github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0';
/** The whole definitions of the versions that docs/exports.md names, from the modules that hold them. */
const CRDS: readonly [module: string, folder: string][] = [
  ['github.com/argoproj/argo-rollouts@v1.10.2', 'manifests/crds'],
  ['github.com/fluxcd/flagger@v1.36.1', 'charts/flagger/crds'],
];
/** Those whose modules are not served. */
const FIXTURES = [
  ['rollouts.kruise.io/rollout_v1beta1', 'openkruise-rollout'],
  ['monitoring.coreos.com/prometheusrule_v1', 'prometheus-rule'],
];
const TARGETS: readonly Target[] = [
  'argo-rollouts',
  'flagger',
  'openkruise',
  'prometheus-operator',
];

type Schema = { properties?: Record<string, Schema>; [key: string]: unknown };
type Definition = {
  kind?: string;
  spec?: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: Schema } }[];
  };
};

/** What `-strict` needs: a key that the definition does not have is an error. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const all = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  );
  const isOpen = all['x-kubernetes-preserve-unknown-fields'] === true;
  const named = typeof all['properties'] === 'object' && all['type'] === 'object';
  return named && !isOpen && all['additionalProperties'] === undefined
    ? { ...all, additionalProperties: false }
    : all;
}

let folder: string;
let kubeconform: string;
const write = (name: string, content: string): string => {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'kubeconform-'));
  kubeconform = process.env['KUBECONFORM_PATH'] ?? CACHED;
  if (!existsSync(kubeconform)) {
    const env = { ...process.env, GOBIN: path.dirname(CACHED) };
    await runToEnd('go', ['install', MODULE], { env });
  }
  const modules = (await runToEnd('go', ['env', 'GOMODCACHE'])).trim();
  for (const [module, crds] of CRDS) {
    // It fails where the module asks for a newer Go, and unpacks it all the same.
    await runToEnd('go', ['mod', 'download', module], { cwd: folder }).catch(() => '');
    const source = path.join(modules, module);
    for (const file of readdirSync(path.join(source, crds)).filter((name) =>
      /crd\.yaml$/.test(name),
    ))
      for (const document of parseAllDocuments(
        readFileSync(path.join(source, crds, file), 'utf8'),
      )) {
        const { kind, spec } = document.toJS() as Definition;
        if (kind !== 'CustomResourceDefinition' || spec === undefined) continue;
        for (const { name, schema } of spec.versions) {
          const place = `${spec.group}/${spec.names.kind.toLowerCase()}_${name}.json`;
          write(`schemas/${place}`, JSON.stringify(closed(schema.openAPIV3Schema)));
        }
      }
  }
  for (const [place, name] of FIXTURES)
    write(
      `schemas/${place}.json`,
      readFileSync(path.resolve(__dirname, `../../fixtures/crds/${name}.json`), 'utf8'),
    );
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (files: string[]): Promise<string> =>
  runToEnd(kubeconform, [
    ...['-strict', '-summary', '-output', 'json', '-schema-location'],
    path.join(folder, 'schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json'),
    ...files,
  ]);
const exported = (issue: Issue, target: Target, name: string, serveUrl?: string): string[] =>
  exportIssue(issue, target, { prometheusUrl: 'http://p:9090', serveUrl }).files.map(
    ({ content }, index) => write(`${name}/${target}-${index}.yaml`, content),
  );

it.each(TARGETS)(
  'takes what is exported for %s, strictly, with and without the gate',
  async (target) => {
    const files = [undefined, 'https://prep.example.com'].flatMap((serveUrl, at) => [
      ...exported(sampleIssue(), target, `sample-${at}`, serveUrl),
      ...fc
        .sample(arbitraryIssue, { numRuns: 20, seed: 17 })
        .flatMap((issue, index) => exported(issue, target, `any-${at}-${index}`, serveUrl)),
    ]);
    const { summary } = JSON.parse(await check(files)) as { summary: Record<string, number> };
    expect(summary).toMatchObject({ invalid: 0, errors: 0, skipped: 0 });
    expect(summary['valid']).toBeGreaterThanOrEqual(files.length);
  },
);

it.each([
  ['argo-rollouts', /setWeight:/, 'setWeigth:'],
  ['flagger', /stepWeights:/, 'stepWeigths:'],
  ['openkruise', /replicas: /, 'replica: '],
  ['prometheus-operator', /expr: /, 'exp: '],
] as const)('finds a misspelled key for %s', async (target, key, wrong) => {
  const files = exported(sampleIssue(), target, 'wrong').map((file, index) =>
    write(`wrong/${target}-${index}-wrong.yaml`, readFileSync(file, 'utf8').replace(key, wrong)),
  );
  await expect(check(files)).rejects.toThrow(/invalid|additional/i);
});
