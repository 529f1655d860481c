import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 500;
/** A download and a build with Go end within 25 minutes: an older lock is from a process of another machine. */
const STALE_MS = 30 * 60_000;

type Waits = {
  /** Whether the work was done by somebody else in the meantime. */
  isDone: () => Promise<boolean>;
  onWait: (holder: string) => void;
};

/**
 * Runs `work` unless another process does the same now: then it waits for that one, and works itself only if that one
 * ended without a result. The lock saves work; where two processes take over a stale lock at once, both work.
 */
export async function oneAtATime(
  file: string,
  { isDone, onWait }: Waits,
  work: () => Promise<void>,
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const own = `${process.pid} ${os.hostname()}`;
  for (let said = false; !(await take(file, own)); said = true) {
    if (await isDone()) return;
    if (!said) onWait(await readFile(file, 'utf8').catch(() => 'unknown'));
    await sleep(LOOK_EVERY_MS);
  }
  try {
    if (!(await isDone())) await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string, own: string): Promise<boolean> {
  try {
    await writeFile(file, own, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (await isStale(file)) await rm(file, { force: true });
    return false;
  }
}

async function isStale(file: string): Promise<boolean> {
  try {
    const [holder, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    const [pid, host] = holder.split(' ');
    return Date.now() - mtimeMs > STALE_MS || (host === os.hostname() && !isAlive(Number(pid)));
  } catch {
    // Given back in the meantime.
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
