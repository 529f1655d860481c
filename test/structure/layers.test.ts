import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

type Layer = { room: string; values: string[]; types: string[]; anyPackage: boolean };
type Rule = {
  name: string;
  from: { path: string };
  to: { pathNot: string[]; dependencyTypesNot?: string[] };
};
const { readLayers, layerRules, isRoom } = jest.requireActual<{
  readLayers: () => Layer[];
  layerRules: () => Rule[];
  isRoom: (name: string) => boolean;
}>('../../.ci/layers.cjs');

const ROOT = path.resolve(__dirname, '../..');
const checker = jest.requireActual<{ forbidden: Rule[]; options: object }>(
  '../../.dependency-cruiser.cjs',
);

it('has a row for every folder and every loose file of src, and for nothing else', () => {
  const rooms = readdirSync(path.join(ROOT, 'src')).map((name) => `src/${name}`);
  const rows = readLayers().map(({ room }) => room);
  expect(rows.toSorted()).toEqual([...rooms, 'sandbox'].toSorted());
});

it.each(readLayers())('$room may import only what exists', ({ values, types }) => {
  for (const name of [...values, ...types]) {
    const found = isRoom(name) ? name : path.join('node_modules', name);
    expect({ name, exists: existsSync(path.join(ROOT, found)) }).toEqual({ name, exists: true });
  }
});

it('is what the checker enforces, type imports included', () => {
  expect(checker.forbidden).toEqual(expect.arrayContaining(layerRules()));
  expect(checker.options).toMatchObject({ tsPreCompilationDeps: true });
});

/** What the rules say of one import, as dependency-cruiser applies them. */
function isAllowed(from: string, to: string, kind: 'value' | 'type'): boolean {
  return layerRules().every((rule) => {
    if (!new RegExp(rule.from.path).test(from)) return true;
    if (kind === 'type' && rule.to.dependencyTypesNot?.includes('type-only')) return true;
    return rule.to.pathNot.some((pattern) => new RegExp(pattern).test(to));
  });
}

it.each([
  ['src/steps/assemble-issue.ts', 'src/domain/names.ts', 'value', true],
  ['src/steps/assemble-issue.ts', 'src/domain/issue.ts', 'type', true],
  ['src/steps/assemble-issue.ts', 'src/domain/issue.ts', 'value', false],
  ['src/steps/assemble-issue.ts', 'src/adapters/redaction.ts', 'type', false],
  ['src/steps/assemble-issue.ts', 'node_modules/zod/index.cjs', 'type', false],
  ['src/steps/assemble-issue.ts', 'crypto', 'value', false],
  ['src/steps/release-plan/active-freeze.ts', 'src/steps/text/format-duration.ts', 'value', true],
  ['src/domain/issue.ts', 'src/steps/assemble-issue.ts', 'type', false],
  ['src/domain/issue.ts', 'node_modules/zod/index.cjs', 'value', true],
  ['src/adapters/redaction.ts', 'src/steps/assemble-issue.ts', 'type', false],
  ['src/adapters/redaction.ts', 'node_modules/yaml/index.js', 'value', true],
  ['src/activities/index.ts', 'src/workflows/index.ts', 'type', false],
  ['src/workflows/index.ts', 'src/activities/index.ts', 'type', true],
  ['src/workflows/index.ts', 'src/activities/index.ts', 'value', false],
  ['src/workflows/index.ts', 'node_modules/@temporalio/client/lib/index.js', 'type', false],
  ['src/worker.ts', 'src/bootstrap/create-deps.ts', 'value', true],
  ['src/worker/health.ts', 'src/bootstrap/create-deps.ts', 'value', false],
  ['src/worker/health.ts', 'src/worker.ts', 'value', false],
  ['src/client.ts', 'src/worker.ts', 'type', false],
  ['src/cli/commands/demo.ts', 'sandbox/executor.ts', 'value', true],
  ['src/activities/index.ts', 'sandbox/executor.ts', 'value', false],
  ['src/cli.ts', 'test/fixtures/wait.ts', 'value', false],
] as const)('%s → %s (%s): %s', (from, to, kind, allowed) => {
  expect(isAllowed(from, to, kind)).toBe(allowed);
});
