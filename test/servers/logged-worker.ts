import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CLI = path.resolve(__dirname, '../../dist/src/cli.js');
const START_LIMIT_MS = 60_000;

export type LoggedWorker = { pid: number; log(): string; stop(): Promise<void> };

/** A worker of the product whose whole output is kept in a file, for tests that search all of it. */
export async function startLoggedWorker(
  env: Record<string, string>,
  file: string,
): Promise<LoggedWorker> {
  const output = openSync(file, 'a');
  const child = spawn(process.execPath, [CLI, 'worker'], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const log = () => readFileSync(file, 'utf8');
  const began = log().length;
  const deadline = Date.now() + START_LIMIT_MS;
  while (!log().slice(began).includes('RUNNING')) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`the worker did not start:\n${log().slice(began)}`);
    await sleep(100);
  }
  return {
    pid: child.pid ?? 0,
    log,
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}
