import path from 'node:path';
import { startProcess, untilReady, type ServerProcess } from '../../src/embedded/server-process';
import { sleep } from '../fixtures/wait';
import type { Gates } from './gates';

const ROOT = path.resolve(__dirname, '../..');
const CLI = path.join(ROOT, 'dist/src/cli.js');

export type ChaosWorker = ReturnType<typeof createChaosWorker>;

const EXIT_LIMIT_MS = 60_000;

/** The command `release-prep worker` as a supervisor runs it, with the gates loaded into its process. */
export function createChaosWorker(env: Record<string, string>, gates: Gates) {
  let running: ServerProcess | undefined;
  const start = async () => {
    const preload = ['tsx/cjs', path.join(__dirname, 'step-gate.ts')];
    const args = [...preload.flatMap((file) => ['--require', file]), CLI, 'worker'];
    const next = startProcess(process.execPath, args, { env, cwd: ROOT });
    running = next;
    await untilReady(next, async () => next.output().includes('RUNNING'), 60_000);
  };
  return {
    start,
    /** Undefined while it works: whatever is broken outside, a worker never ends by itself. */
    ended: () => running?.ended(),
    output: () => running?.output() ?? '',
    /** By its own pid; `running` is the shell that ties it to this process. */
    signal: (name: NodeJS.Signals) => void process.kill(gates.pid(), name),
    async untilEnded(): Promise<string> {
      const deadline = Date.now() + EXIT_LIMIT_MS;
      for (;;) {
        const how = running?.ended();
        if (how !== undefined) return how;
        if (Date.now() > deadline) throw new Error('the worker did not end');
        await sleep(50);
      }
    },
    stop: async () => running?.stop(),
  };
}
