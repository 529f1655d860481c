import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Stops a child by its own pid and waits for its end. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}

/** Starts a server and waits until it answers; its last words are in the error when it does not. */
export async function startProcess(
  program: string,
  args: string[],
  options: SpawnOptions & { ready: string; limitMs?: number },
): Promise<ChildProcess> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  const keep = (chunk: Buffer) => (words = (words + chunk.toString()).slice(-3_000));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.on('error', (error) => (words += error.message));
  process.once('exit', () => child.kill('SIGKILL'));
  const deadline = Date.now() + (options.limitMs ?? 60_000);
  for (;;) {
    const answers = await fetch(options.ready, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (answers) return child;
    if (child.exitCode !== null || Date.now() > deadline) {
      await stopProcess(child);
      throw new Error(`${program} did not start: ${words}`);
    }
    await sleep(200);
  }
}

/** Runs a command to its end; its stderr is in the error when it fails. */
export async function runToEnd(
  program: string,
  args: string[],
  options: SpawnOptions = {},
): Promise<string> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err = (err + chunk.toString()).slice(-3_000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new Error(`${program} ${args[0] ?? ''} ended with ${code}: ${err || out.slice(-2_000)}`);
  return out;
}
