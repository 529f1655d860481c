import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/embedded/server-process';
import type { Issue } from '../../src/domain/issue';
import { startPlainTemporal, type PlainTemporal } from '../fixtures/servers/plain-temporal';
import { startPrometheus, type PrometheusServer } from '../fixtures/servers/prometheus';

/*
 * The first day of a release engineer: from an empty folder to an issue on servers of their own. Every command that the
 * product prints is run as it was printed, by a shell, in the folder in which it was printed.
 */
jest.setTimeout(600_000);

const SERVICE = 'example-service';
const CLI = path.resolve(__dirname, '../../dist/src/cli.js');
const root = mkdtempSync(path.join(os.tmpdir(), 'first-day-'));
const folder = path.join(root, 'work');
const bin = path.join(root, 'bin');

let temporal: PlainTemporal;
let prometheus: PrometheusServer;

beforeAll(async () => {
  mkdirSync(folder);
  mkdirSync(bin);
  chmodSync(CLI, 0o755);
  symlinkSync(CLI, path.join(bin, 'release-prep'));
  temporal = await startPlainTemporal();
  prometheus = await startPrometheus(SERVICE);
});
afterAll(async () => {
  await prometheus?.stop();
  await temporal?.stop();
});

const environment = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: os.homedir() };
type Run = { code: number | null; out: string; err: string };

const start = (line: string, env: Record<string, string> = {}) =>
  spawn('sh', ['-c', line], { cwd: folder, env: { ...environment, ...env }, detached: true });

/** Runs a line as a person types it, after the `.env` of the folder was read. */
async function shell(line: string, { plain = false } = {}): Promise<Run> {
  const child = start(plain ? line : `set -a; . ./.env; set +a\n${line}`);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end();
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

/** The commands in a text: a line that begins with one, or what follows a colon or stands in backticks. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/(?:^\s*|: |`)(release-prep [^\n`]+)/gm)].map(([, command = '']) =>
    command.trim(),
  );
const commandIn = (text: string, word: string): string => {
  const found = commandsIn(text).find((command) => command.startsWith(`release-prep ${word}`));
  if (found === undefined) throw new Error(`no "release-prep ${word}" in:\n${text}`);
  return found;
};

async function withWorker<Result>(line: string, body: () => Promise<Result>): Promise<Result> {
  const worker = start(`set -a; . ./.env; set +a\nexec ${line}`);
  let said = '';
  worker.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  try {
    for (let i = 0; i < 600 && !said.includes('RUNNING'); i += 1) await sleep(200);
    return await body();
  } finally {
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    worker.kill('SIGTERM');
    await gone;
  }
}

function configure(): void {
  const file = path.join(folder, '.env');
  const text = readFileSync(file, 'utf8')
    .replace(/^PROMETHEUS_URL=.*$/m, `PROMETHEUS_URL=${prometheus.url}`)
    .replace(/^TEMPORAL_ADDRESS=.*$/m, `TEMPORAL_ADDRESS=${temporal.address}`);
  writeFileSync(file, text);
}

it('goes from an empty folder to an issue, and every printed command works as printed', async () => {
  const began = await shell('release-prep init', { plain: true });
  expect(began.err).toBe('');
  expect(began.out).toContain('wrote .env');
  configure();
  const again = await shell('release-prep init', { plain: true });
  expect(again.out).toContain('kept  .env');
  expect(readFileSync(path.join(folder, '.env'), 'utf8')).toContain(prometheus.url);
  const checked = await shell(commandIn(began.out, 'knowledge check'));
  expect([checked.code, checked.err]).toEqual([0, '']);
  expect(checked.out).toContain('shipped + knowledge');

  // No worker yet: doctor says so, and with which command one is started.
  const ill = await shell(commandIn(began.out, 'doctor'));
  expect(ill.code).toBe(4);
  expect(ill.out).toMatch(/missing worker: no worker polls task queue release-prep/);
  expect(ill.out).toMatch(/^ok +Temporal/m);

  await withWorker(commandIn(ill.out, 'worker'), async () => {
    const well = await shell('release-prep doctor');
    expect([well.code, well.out]).toEqual([0, expect.not.stringContaining('missing')]);
    const piped = await shell('release-prep doctor | head -1');
    expect(piped.err).toBe('');

    const dry = await shell(`release-prep prepare --service ${SERVICE} --version v1.1.0 --dry-run`);
    expect(dry.code).toBe(0);
    expect(dry.err).toContain('This was a dry run');
    expect(commandsIn(dry.out)).toEqual([]);

    const prepared = await shell(`release-prep prepare --service ${SERVICE} --version v1.1.0`);
    expect(prepared.code).toBe(0);
    expect(prepared.err).toContain('No executor was notified');
    for (const command of commandsIn(prepared.out)) {
      const shown = await shell(command);
      expect([command, shown.code, shown.err]).toEqual([command, 0, '']);
    }
    const newest = await shell(`release-prep show ${SERVICE} --json`);
    expect(JSON.parse(newest.out)).toMatchObject({ service: SERVICE, candidate: 'v1.1.0' });

    // The first release does not block the next.
    const free = await shell(`release-prep claim show ${SERVICE}`);
    expect(free.out).toContain(`Nobody holds ${SERVICE}`);
    const next = await shell(`release-prep prepare --service ${SERVICE} --version v1.2.0 --json`);
    expect(next.code).toBe(0);

    const options = `--service ${SERVICE} --version v1.3.0 --detach`;
    const watched = await shell(
      `release-prep prepare ${options} && release-prep status ${SERVICE} v1.3.0 --watch`,
    );
    expect([watched.code, watched.out]).toEqual([0, expect.stringMatching(/completed/i)]);

    const refused = await shell(`release-prep prepare --service ${SERVICE} --version v1.0.0`);
    expect(refused.code).toBe(3);
    const checkedAgain = await shell(commandIn(refused.err, 'resume'));
    expect([checkedAgain.code, checkedAgain.err]).toEqual([3, expect.stringContaining('refused')]);
    const ended = await shell(`release-prep cancel ${SERVICE} v1.1.0`);
    expect([ended.code, ended.err]).toEqual([2, expect.stringContaining('has ended (completed)')]);
  });
});

it('starts a run that waits for a worker, and cancels it', async () => {
  const detached = await shell(
    `release-prep prepare --service ${SERVICE} --version v9.0.0 --detach`,
  );
  expect(detached.code).toBe(0);
  expect(detached.err).toMatch(/no worker polls|release-prep\/example-service\/v9\.0\.0/);
  const cancelled = await shell(`release-prep cancel ${SERVICE} v9.0.0`);
  expect(cancelled.code).toBe(0);
  const status = await shell(commandIn(cancelled.err, 'status'));
  expect(status.code).toBe(0);
});

it('says at once that Temporal does not answer', async () => {
  const port = await freePort();
  const before = Date.now();
  const status = await shell(
    `TEMPORAL_ADDRESS=127.0.0.1:${port} release-prep status ${SERVICE} v1.1.0`,
  );
  expect(status.code).toBe(4);
  expect(status.err).toContain('nothing listens at this address');
  // 3 s of the contract, and the start of Node on a busy machine.
  expect(Date.now() - before).toBeLessThan(10_000);
});

/** A window by its sample, rules against the other hosts, a risk of the chain, and rules that all judge. */
function showsTheBest({ steps: [, metrics, plan, risks] }: Issue): void {
  const rules = metrics.details.metrics.flatMap((group) => group.rules);
  expect(rules.filter(({ judgeable }) => judgeable !== 'judgeable')).toEqual([]);
  expect(rules.filter(({ relative }) => relative !== undefined)).not.toEqual([]);
  const { batches } = plan.details.gray_strategy;
  expect(batches.map(({ judgement }) => judgement?.limited_by)).toContain('traffic');
  const evidence = risks.details.risks.flatMap((risk) => risk.evidence);
  expect(evidence).toContain('chain:user-service->user-db-postgresql');
}

it('names what is missing for a demo with a real Prometheus', async () => {
  const programs = path.join(root, 'programs');
  mkdirSync(programs);
  symlinkSync(process.execPath, path.join(programs, 'node'));
  const line = `PATH=${bin}:${programs}; release-prep demo --prometheus real`;
  const refused = await shell(line, { plain: true });
  expect(refused.code).toBe(2);
  expect(refused.err).toContain('prometheus and promtool are not on PATH');
});

it('keeps the demo up with --stay, and prints commands that reach its servers', async () => {
  const demo = start('exec release-prep demo --stay');
  let said = '';
  demo.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  demo.stdout.resume();
  try {
    for (let i = 0; i < 900 && !said.includes('until you press Ctrl-C'); i += 1) await sleep(200);
    // Prometheus is there in the tests: the stand-in is for machines without one.
    expect(said).toMatch(/^Prometheus: \/.*\/prometheus, loaded with three days/m);
    const exports = said.split('\n').filter((line) => line.startsWith('  export '));
    expect(exports.join()).toContain('TEMPORAL_ADDRESS');
    const commands = commandsIn(said);
    expect(commands.length).toBeGreaterThanOrEqual(2);
    for (const command of commands) {
      const run = await shell([...exports, command].join('\n'), { plain: true });
      expect([command, run.code, run.err]).toEqual([command, 0, '']);
      expect(run.out).toContain('user-service');
    }
    const line = [...exports, 'release-prep show user-service v1.1.0 --json'].join('\n');
    const issue = JSON.parse((await shell(line, { plain: true })).out) as Issue;
    showsTheBest(issue);
  } finally {
    const gone = new Promise((resolve) => demo.once('exit', resolve));
    demo.kill('SIGTERM');
    await gone;
  }
});
