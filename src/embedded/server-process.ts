import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_LIMIT_MS = 15_000;
const KEPT_OUTPUT = 4_000;

/**
 * The watcher's read ends when our end of the pipe closes, and the system closes it however this process dies,
 * SIGKILL and SIGPIPE included; exit handlers alone left servers behind.
 */
const TIED = `exec 3<&0
"$0" "$@" 3<&- &
server=$!
(read -r _ <&3; kill "$server") >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
exit "$code"`;

export type ServerProcess = {
  name: string;
  /** The end of its output, for errors. */
  output(): string;
  /** Why it is no longer running, undefined while it runs. */
  ended(): string | undefined;
  stop(): Promise<void>;
};

/** Starts a server in a process group of its own, so that Ctrl-C reaches only us; it ends when this process does. */
export function startProcess(
  program: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; uid?: number; gid?: number } = {},
): ServerProcess {
  const child = spawn('sh', ['-c', TIED, program, ...args], {
    ...options,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  let ended: string | undefined;
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-KEPT_OUTPUT));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => resolve(void (ended = error.message)));
    child.once('exit', (code, signal) =>
      resolve(
        void (ended = `it exited with ${code === null ? `signal ${signal}` : `code ${code}`}`),
      ),
    );
  });
  return {
    name: program,
    output: () => output.trim(),
    ended: () => ended,
    async stop() {
      child.stdin.end();
      const late = setTimeout(() => child.pid && killGroup(child.pid), STOP_LIMIT_MS);
      await gone;
      clearTimeout(late);
    },
  };
}

/** Waits until `answers` is true; a server that ended or took too long is stopped, and the error has its last words. */
export async function untilReady(
  server: ServerProcess,
  answers: () => Promise<boolean>,
  limitMs: number,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await answers().catch(() => false))) {
    const trouble =
      server.ended() ??
      (Date.now() > deadline ? `no answer within ${limitMs / 1000} s` : undefined);
    if (trouble !== undefined) {
      await server.stop();
      throw new Error(`${server.name} did not start: ${trouble}\n${server.output()}`.trim());
    }
    await sleep(100);
  }
}

/** Whether a GET of the address succeeds. */
export const answersHttp = async (url: string): Promise<boolean> =>
  (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;

/** A loopback port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}
