import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import path from 'node:path';
import { freePort } from '../../src/embedded/server-process';

const CLI = path.resolve(__dirname, '../../dist/src/cli.js');

export type WorkerProcess = {
  child: ChildProcess;
  /** Its end: exit code, or the signal that killed it. */
  gone: Promise<number | NodeJS.Signals | null>;
  /** What it logged. */
  output(): string;
};

/** The built product's worker, to be killed: no shell stands between, so a signal reaches the worker itself. */
export function spawnWorker(env: Record<string, string>, cli = CLI): WorkerProcess {
  const child = spawn(process.execPath, [cli, 'worker'], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr?.on(
    'data',
    (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000)),
  );
  const gone = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  return { child, gone, output: () => output };
}

/** A release system whose answers a test gives itself; `asked` resolves with the next question about a service. */
export async function holdingReleaseSystem() {
  const waiting = new Map<string, () => void>();
  let answer: RequestListener | undefined;
  const server = createServer((request, response) => {
    const service = new URL(request.url ?? '/', 'http://localhost').searchParams.get('service');
    waiting.get(service ?? '')?.();
    answer?.(request, response);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    asked: (service: string) => new Promise<void>((resolve) => void waiting.set(service, resolve)),
    /** From now on; without it questions stay open. */
    answerWith: (listener: RequestListener) => (answer = listener),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
