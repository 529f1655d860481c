import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

type Options = { timeout: number; env?: NodeJS.ProcessEnv };

/** Runs a program to its end; it ends with this process, before files that it writes are removed at the exit. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: Options,
): Promise<void> {
  const running = promisify(execFile)(program, args, { ...options, maxBuffer: 64 * 1024 * 1024 });
  const atExit = () => void running.child.kill('SIGKILL');
  process.prependOnceListener('exit', atExit);
  try {
    await running;
  } finally {
    process.off('exit', atExit);
  }
}
