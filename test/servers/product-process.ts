import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CLI = path.resolve(__dirname, '../../dist/src/cli.js');
const START_LIMIT_MS = 60_000;
const KEPT_OUTPUT = 20_000;

export type ProductProcess = {
  child: ChildProcess;
  pid: number;
  /** Its end: exit code, or the signal that killed it. */
  gone: Promise<number | NodeJS.Signals | null>;
  /** What it wrote: all of it where it has a file of its own, else the end. */
  output(): string;
  /** SIGTERM, and its end. */
  stop(): Promise<void>;
};

type Options = {
  cli?: string;
  /** Keeps the whole output, for tests that search all of it. */
  file?: string;
};

/** A command of the built product that goes on, to be killed: no shell stands between, so a signal reaches it itself. */
export function spawnProduct(
  args: string[],
  env: Record<string, string>,
  { cli = CLI, file }: Options = {},
): ProductProcess {
  const output = file === undefined ? 'pipe' : openSync(file, 'a');
  const child = spawn(process.execPath, [cli, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', output, output],
  });
  if (typeof output === 'number') closeSync(output);
  let end = '';
  const keep = (chunk: Buffer) => (end = (end + chunk.toString()).slice(-KEPT_OUTPUT));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const watcher = endsWithUs(child);
  const gone = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, signal) => {
      watcher.kill('SIGKILL');
      resolve(code ?? signal);
    }),
  );
  const began = file === undefined ? 0 : readFileSync(file).byteLength;
  return {
    ...{ child, pid: child.pid ?? 0, gone },
    output: () => (file === undefined ? end : readFileSync(file).subarray(began).toString()),
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** The watcher's read ends however this process dies, SIGKILL included: no worker of a killed test stays behind. */
function endsWithUs({ pid }: ChildProcess): ChildProcess {
  const watcher = spawn('sh', ['-c', 'read -r _; kill "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.unref();
  return watcher;
}

/** Waits until it has said `words`; one that ended or took too long is stopped, and the error has its last words. */
export async function untilSaid(started: ProductProcess, words: string): Promise<ProductProcess> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (!started.output().includes(words)) {
    const { exitCode, signalCode } = started.child;
    if (exitCode !== null || signalCode !== null || Date.now() > deadline) {
      await started.stop();
      throw new Error(`it did not start:\n${started.output()}`);
    }
    await sleep(100);
  }
  return started;
}

/** A worker of the product, which may not be ready yet. */
export const spawnWorker = (env: Record<string, string>, options?: Options): ProductProcess =>
  spawnProduct(['worker'], env, options);

/** A worker of the product as its own process, ready when it polls. */
export const startWorker = (env: Record<string, string>, file?: string): Promise<ProductProcess> =>
  untilSaid(spawnWorker(env, file === undefined ? {} : { file }), 'RUNNING');
