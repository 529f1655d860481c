import path from 'node:path';
import { spawn } from 'node:child_process';
import type { Issue } from '../../src/domain/issue';

/* The demo as a newcomer runs it: a preparation, and a release that obeys it, on a real Temporal. */
jest.setTimeout(600_000);

const CLI = path.resolve(__dirname, '../../dist/src/cli.js');
type Run = { code: number | null; out: string; err: string };

function demo(...options: string[]): Promise<Run> {
  const child = spawn(process.execPath, [CLI, 'demo', ...options]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

/** Kinds of events, in their order. */
const eventsIn = (err: string): string[] =>
  [...err.matchAll(/^ *\d+ s (\w+): /gm)].map(([, kind = '']) => kind).filter((k) => k !== 'phase');
const outcomeIn = (out: string): string => out.slice(out.indexOf('How the release went'));
const BATCH = ['deploy', 'deployed', 'promote'];

let runs: Record<'clean' | 'latency' | 'memory', Promise<Run>>;
beforeAll(() => {
  runs = {
    clean: demo('--execute'),
    latency: demo('--execute', '--fault', 'latency', '--prometheus', 'stand-in'),
    memory: demo('--execute', '--fault', 'memory', '--prometheus', 'stand-in', '--lang', 'zh'),
  };
});

it('prepares and releases on a real Prometheus, batch by batch, and shows each event', async () => {
  const { code, out, err } = await runs.clean;
  expect([code, err]).toEqual([0, expect.stringContaining('The release is complete')]);
  expect(err).toContain('batches are observed for 10 s');
  expect(eventsIn(err)).toEqual(['issue', ...BATCH, ...BATCH, ...BATCH, 'finish']);
  expect(out.indexOf('Ready')).toBeLessThan(out.indexOf('How the release went'));
  expect(outcomeIn(out)).toMatch(/^Released in .*: 7 hosts run v1\.1\.0\.$/m);
  expect(outcomeIn(out)).toMatch(/^3 +4 +10 s +1\d s +14 ok$/m);
});

it('stops a slow version in the batch where it shows, rolls back, and says so with exit code 4', async () => {
  const { code, out, err } = await runs.latency;
  expect([code, err]).toEqual([4, expect.stringContaining('it was rolled back: Breached')]);
  expect(eventsIn(err)).toEqual([
    ...['issue', ...BATCH, 'deploy', 'deployed', 'breach', 'rollback'],
  ]);
  const outcome = outcomeIn(out);
  expect(outcome).toMatch(/^Rolled back after .*: 3 hosts run again what they ran before\.$/m);
  expect(outcome).toContain('latency happened, and the release was rolled back');
  expect(outcome).toContain('batch 3 was not touched');
});

it('repairs leaked memory as the issue says, goes on, and tells it in Chinese', async () => {
  const { code, out, err } = await runs.memory;
  expect([code, err]).toEqual([0, expect.stringContaining('mitigate: restart is done')]);
  expect(eventsIn(err).filter((kind) => kind === 'promote')).toHaveLength(3);
  expect(out).toContain('memory_leak 发生，restart 已修复');
});

it('prints one JSON object with --json: the issue and its outcome', async () => {
  const { code, out } = await demo('--execute', '--json', '--prometheus', 'stand-in');
  expect(code).toBe(0);
  const { issue, outcome } = JSON.parse(out) as {
    issue: Issue;
    outcome: { result: string; digest: string };
  };
  expect(outcome).toMatchObject({ result: 'completed', digest: issue.digest });
});

it('refuses a fault without a release before anything starts', async () => {
  const { code, out, err } = await demo('--fault', 'latency');
  expect([code, out, err]).toEqual([2, '', expect.stringContaining('--execute')]);
});
