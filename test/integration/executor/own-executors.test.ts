import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../../src/embedded/server-process';
import { executorIdOf } from '../../../src/domain/names';
import { startCommand } from '../../fixtures/processes/command-line';
import { runToEnd } from '../../fixtures/processes/process';
import { startBench, type Bench } from '../../fixtures/processes/release-worker';
import { draftOf, smallIssue } from '../../fixtures/releases/small-release';
import { startSmallWorld, type SmallWorld } from '../../fixtures/releases/small-world';
import { waitUntil } from '../../fixtures/wait';

/* The executors of docs/examples/executor on a real Temporal and a real `release-prep serve`. */
jest.setTimeout(600_000);

const ROOT = path.resolve(__dirname, '../../..');
const EXAMPLES = path.join(ROOT, 'docs/examples/executor');
const TEMPORALIO = 'temporalio==1.35.0';
const NEW = 'v1.1.0';
const SERVICES = ['ts-clean', 'ts-broken', 'py-clean', 'py-broken'];

let bench: Bench;
let world: SmallWorld;
let serve: ReturnType<typeof startCommand>;
let environment: Record<string, string>;

const versionsOf = (service: string): string[] =>
  world
    .systemOf(service)
    .hosts()
    .map(({ services }) => services[0]!.version);

beforeAll(async () => {
  bench = await startBench();
  world = await startSmallWorld(
    Object.fromEntries(SERVICES.map((name) => [name, {}])),
    // A broken release shows once three hosts run the candidate.
    (service) =>
      service.endsWith('broken') && versionsOf(service).filter((v) => v === NEW).length >= 3
        ? 50
        : 5,
  );
  const token: string = randomUUID();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'own-executor-'));
  const sha256 = createHash('sha256').update(token).digest('hex');
  const tokens = path.join(folder, 'tokens.json');
  writeFileSync(
    tokens,
    JSON.stringify({ tokens: [{ name: 'mine', sha256, roles: ['read', 'execute'] }] }),
  );
  const port = await freePort();
  serve = startCommand(['serve'], {
    ISSUE_STORE_URL: `file:${world.folder}`,
    SERVE_ADDRESS: `127.0.0.1:${port}`,
    SERVE_TOKENS_FILE: tokens,
  });
  await waitUntil(
    () => Promise.resolve(serve.texts.stderr),
    (text) => text.includes('Listening on'),
    { timeoutMs: 120_000 },
  );
  environment = {
    ...{ TEMPORAL_ADDRESS: bench.address, PROMETHEUS_URL: world.prometheusUrl },
    ...{ RELEASE_PREP_URL: `http://127.0.0.1:${port}`, RELEASE_PREP_TOKEN: token },
  };
}, 400_000);
afterAll(async () => {
  serve?.child.kill('SIGTERM');
  await serve?.ended;
  await world?.stop();
  await bench?.close();
});

/** Records an issue, delivers it as a preparation does, and waits for the end. */
async function release(service: string) {
  const issue = await world.store.record(draftOf(smallIssue(service, { answers: ['rollback'] })));
  const { issue_id, digest } = issue;
  const handle = await bench.client.workflow.signalWithStart('MyExecutorWorkflow', {
    ...{ workflowId: executorIdOf(service, NEW), taskQueue: service, args: [] },
    ...{ signal: 'releaseIssue', signalArgs: [{ issue_id, digest }] },
  });
  const result = (await handle.result()) as string;
  return { result, outcome: await world.store.outcome(issue_id) };
}

async function showsBoth(prefix: string): Promise<void> {
  const [clean, broken] = [`${prefix}-clean`, `${prefix}-broken`];
  const good = await release(clean);
  expect(good).toMatchObject({ result: 'completed', outcome: { result: 'completed' } });
  expect(good.outcome?.batches.map(({ hosts }) => hosts.length)).toEqual([1, 2, 4]);
  expect(new Set(versionsOf(clean))).toEqual(new Set([NEW]));
  const bad = await release(broken);
  expect(bad).toMatchObject({ result: 'rolled_back', outcome: { result: 'rolled_back' } });
  expect(new Set(versionsOf(broken))).toEqual(new Set(['v1.0.0']));
  // Each batch was deployed once, and batch 3 never.
  expect(world.systemOf(broken).changes).toHaveLength(3);
}

/** One release system for each service: a worker of the example knows one. */
const systemUrl = (service: string) => ({ RELEASE_SYSTEM_URL: world.systemOf(service).url });

/** Workers of an example while `body` runs, one for each service. */
async function withWorkers(
  services: readonly string[],
  [command, ...args]: [string, ...string[]],
  body: () => Promise<void>,
): Promise<void> {
  const workers = services.map((service) =>
    spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...environment, ...systemUrl(service), TASK_QUEUE: service },
    }),
  );
  try {
    await body();
  } finally {
    for (const worker of workers) {
      const gone = new Promise((resolve) => worker.once('exit', resolve));
      worker.kill('SIGTERM');
      await gone;
    }
  }
}

it('lets a TypeScript executor release, and roll back what is broken', async () => {
  const file = path.join(EXAMPLES, 'worker.ts');
  await withWorkers(['ts-clean', 'ts-broken'], [process.execPath, '--import', 'tsx', file], () =>
    showsBoth('ts'),
  );
});

it('lets a Python executor release, and roll back what is broken', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'python-executor-'));
  await runToEnd('python3', ['-m', 'venv', 'venv'], { cwd: folder });
  const python = path.join(folder, 'venv/bin/python');
  await runToEnd(python, ['-m', 'pip', 'install', '-q', TEMPORALIO]);
  const file = path.join(EXAMPLES, 'executor.py');
  await withWorkers(['py-clean', 'py-broken'], [python, file], () => showsBoth('py'));
});
