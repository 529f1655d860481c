import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { hostOf } from '../../fixtures/fleets';
import { runToEnd } from '../../fixtures/processes/process';
import { spawnWorker, untilSaid } from '../../fixtures/processes/product-process';
import { startSmallStack, type SmallStack } from '../../fixtures/stacks/small-stack';
import { installPackage, type InstalledPackage } from './installed-package';

jest.setTimeout(600_000);

const SERVICE = 'user-service';
const TYPESCRIPT = ['--strict', '--target', 'es2022', '--types', 'node', '--skipLibCheck'];
/** Temporal's SDK for Python, from PyPI. */
const TEMPORALIO = 'temporalio==1.35.0';
const MAX_PACKED_BYTES = 3 * 1024 * 1024;

let product: InstalledPackage;
let stack: SmallStack;
beforeAll(async () => {
  product = await installPackage();
  stack = await startSmallStack({ service: SERVICE });
}, 600_000);
afterAll(async () => {
  await stack?.stop();
  product?.remove();
});

/** A worker of the installed package while `body` runs. */
async function withWorker<Result>(
  more: Record<string, string>,
  body: (env: Record<string, string>) => Promise<Result>,
): Promise<Result> {
  const env = stack.environment({
    KNOWLEDGE_DIR: path.join(product.installed, 'knowledge'),
    ...more,
  });
  const worker = await untilSaid(spawnWorker(env, { cli: product.cli }), 'RUNNING');
  try {
    return await body(env);
  } finally {
    await worker.stop();
  }
}

it('holds what it needs to run and to compile against, in at most 3 MB', () => {
  expect(product.bytes).toBeLessThan(MAX_PACKED_BYTES);
  const folders = new Set(product.files.map((file) => file.split('/')[0]));
  expect([...folders].sort()).toEqual(
    [
      '.env.example',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'README.zh-CN.md',
      'deploy',
      'dist',
      'docs',
      'knowledge',
      'package.json',
      'sandbox',
    ].sort(),
  );
  expect(product.files.filter((file) => /\.map$|(^|\/)test\/|scripts\//.test(file))).toEqual([]);
});

it('is clean for publint and for arethetypeswrong', async () => {
  expect(await product.run('publint', ['--strict', product.tarball])).toContain('All good');
  // Ends with an error for any problem; `node16`: a resolution without `exports` knows no entries.
  const attw = await product.run('attw', ['--profile', 'node16', product.tarball]);
  expect(attw).toContain('release-prep/guard');
});

it.each([
  ['CommonJS', 'orchestrator.ts', ['--module', 'commonjs', '--moduleResolution', 'bundler']],
  ['NodeNext, imported from CommonJS', 'orchestrator.cts', ['--module', 'nodenext']],
  ['NodeNext, imported from an ES module', 'orchestrator.mts', ['--module', 'nodenext']],
])('type-checks a strict orchestrator: %s', async (_, name, options) => {
  const file = product.example('orchestrator.ts', name);
  expect(await product.run('tsc', [...TYPESCRIPT, ...options, '--noEmit', file])).toBe('');
});

// A bundler puts some 200 bytes of its own around CommonJS.
it.each([
  ['an ES module', 20_000, "import { createGuard, stateOf } from 'release-prep/guard'"],
  ['CommonJS', 20_250, "const { createGuard, stateOf } = require('release-prep/guard')"],
])('has a guard that bundles for a browser to under 20 kB: %s', async (_, limit, line) => {
  const file = path.join(product.folder, 'page.js');
  writeFileSync(file, `${line};\nconsole.log(typeof createGuard, stateOf([]).batches.length);\n`);
  const minified = ['--bundle', '--minify', '--platform=browser', '--format=iife'];
  const bundle = await product.run('esbuild', [file, ...minified, '--log-level=error']);
  expect(bundle.length).toBeLessThan(limit);
  expect(await runToEnd(process.execPath, ['-e', bundle])).toBe('function 0\n');
});

it('prepares and releases the demo', async () => {
  const out = await product.run('release-prep', ['demo', '--execute', '--prometheus', 'stand-in']);
  expect(out).toMatch(/^Released in .*: 7 hosts run v1\.1\.0\.$/m);
});

it('serves its JSON Schemas by path', async () => {
  const script = "console.log(require('release-prep/schemas/issue.schema.json').type)";
  expect(await runToEnd(process.execPath, ['-e', script], { cwd: product.folder })).toBe(
    'object\n',
  );
});

it('lets a TypeScript orchestrator prepare a release', async () => {
  const file = product.example('orchestrator.ts', 'orchestrator.mts');
  await product.run('tsc', [...TYPESCRIPT, '--module', 'nodenext', file]);
  const out = await withWorker({}, (env) =>
    runToEnd(process.execPath, ['orchestrator.mjs', SERVICE, 'v1.1.0'], {
      cwd: product.folder,
      env: { ...process.env, ...env },
    }),
  );
  expect(out).toMatch(/^\S+-r\d+: \d+ batches, \d+ rules, \d+s\n$/);
});

it('lets a Python orchestrator prepare a release of 7,000 hosts and read its issue', async () => {
  const hosts = Array.from({ length: 7_000 }, (_, index) =>
    hostOf(index, { host_ip: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` }),
  );
  const fleet = path.join(product.folder, 'hosts.json');
  writeFileSync(fleet, JSON.stringify({ hosts: hosts.map((host) => ofService(host)) }));
  await runToEnd('python3', ['-m', 'venv', 'venv'], { cwd: product.folder });
  const python = path.join(product.folder, 'venv/bin/python');
  await runToEnd(python, ['-m', 'pip', 'install', '-q', TEMPORALIO]);
  const file = product.example('orchestrator.py');
  const out = await withWorker({ RELEASE_SYSTEM_URL: `file:${fleet}` }, (env) =>
    runToEnd(python, [file, SERVICE, 'v1.1.0'], {
      cwd: product.folder,
      env: { ...process.env, ...env, RELEASE_PREP: `${process.execPath} ${product.cli}` },
    }),
  );
  expect(out).toMatch(/^\S+-r\d+: \d+ batches, 7000 hosts\n$/);
});

const ofService = (host: ReturnType<typeof hostOf>) => ({
  ...host,
  services: [{ name: SERVICE, version: 'v1.0.0', status: 'active' }],
});
