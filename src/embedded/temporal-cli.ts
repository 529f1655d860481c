import { spawn } from 'node:child_process';
import { access, constants, readdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { oneAtATime } from './program-lock';
import { runProgram } from './run-program';
import { temporaryFolder } from './temporary-folder';

/** Server 1.29.1 with Web UI 2.42.1. */
const CLI_MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const DOWNLOAD_LIMIT_MS = 5 * 60_000;
const BUILD_LIMIT_MS = 20 * 60_000;
const BUILD_REPORT_MS = 30_000;

export type OnProgress = (message: string) => void;

/**
 * The Temporal CLI: `TEMPORAL_CLI_PATH`, then PATH, then the cache folder, then a build with Go into that folder
 * (about 4 minutes once). Throws one error that lists what was tried and how to fix it.
 */
export async function findTemporalCli(onProgress: OnProgress = () => undefined): Promise<string> {
  const named = process.env.TEMPORAL_CLI_PATH;
  if (named) {
    if (await isExecutable(named)) return named;
    throw new Error(`TEMPORAL_CLI_PATH is ${named}, which is not an executable program`);
  }
  const cached = path.join(cacheFolder(), 'temporal');
  const onPath = (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'temporal'));
  for (const candidate of [...onPath, cached]) {
    if (await isExecutable(candidate)) return candidate;
  }
  return obtain(cached, [download, build], onProgress);
}

type Way = { name: string; fill: (folder: string, onProgress: OnProgress) => Promise<void> };

/** The program at `target`, by the first of the ways that works; processes that need it at once obtain it once. */
export async function obtain(
  target: string,
  ways: readonly Way[],
  onProgress: OnProgress,
): Promise<string> {
  const tried: string[] = [];
  const isDone = () => isExecutable(target);
  const onWait = (holder: string) =>
    onProgress(`waiting for the Temporal CLI, which process ${holder} downloads or builds`);
  try {
    await oneAtATime(`${target}.lock`, { isDone, onWait }, async () => {
      await clearLeftOver(path.dirname(target));
      for (const { name, fill } of ways) {
        try {
          return await intoCache(target, (folder) => fill(folder, onProgress));
        } catch (error) {
          tried.push(`${name}: ${lastLine(error)}`);
        }
      }
    });
  } catch (error) {
    tried.push(`${(error as Error).message}; XDG_CACHE_HOME names another folder`);
  }
  if (await isDone()) return target;
  throw new Error(
    `the Temporal CLI is not on PATH, and it could not be downloaded or built (${tried.join('; ')}). ` +
      'Install it (https://docs.temporal.io/cli) or set TEMPORAL_CLI_PATH.',
  );
}

/** The message of a failed command has the command first and the reason last; one that was ended has no reason. */
const lastLine = (error: unknown): string =>
  (error as { killed?: boolean }).killed === true
    ? `ended after ${BUILD_LIMIT_MS / 60_000} minutes, which a busy machine can need: try again, what was compiled is kept`
    : (reasonOf(error).trim().split('\n').at(-1) ?? 'no reason given');

/** Node hides why a fetch failed in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

const cacheFolder = (): string =>
  path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'release-prep', 'bin');

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The archive that Temporal's own install script takes. */
const download: Way = {
  name: 'download',
  async fill(folder, onProgress) {
    const arch = os.arch() === 'arm64' ? 'arm64' : 'amd64';
    const url = `https://temporal.download/cli/archive/v1.5.1?platform=${os.platform()}&arch=${arch}`;
    onProgress('downloading the Temporal CLI');
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
    if (!response.ok) throw new Error(`the download answered ${response.status}`);
    const archive = Buffer.from(await response.arrayBuffer());
    await new Promise<void>((resolve, reject) => {
      const tar = spawn('tar', ['-xz', '-C', folder], { stdio: ['pipe', 'ignore', 'ignore'] });
      tar.on('error', reject);
      tar.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`tar exited with code ${code}`)),
      );
      tar.stdin.end(archive);
    });
  },
};

const build: Way = {
  name: 'build with Go',
  async fill(folder, onProgress) {
    onProgress('building the Temporal CLI with Go; this takes about 4 minutes, once');
    const began = Date.now();
    const report = setInterval(
      () =>
        onProgress(
          `still building the Temporal CLI (${Math.round((Date.now() - began) / 1000)} s)`,
        ),
      BUILD_REPORT_MS,
    );
    try {
      await runProgram('go', ['install', CLI_MODULE], {
        env: { ...process.env, GOBIN: folder },
        timeout: BUILD_LIMIT_MS,
      });
    } finally {
      clearInterval(report);
    }
  },
};

const DRAFT = 'new-';

/** Into a folder of its own, then renamed: a broken try leaves no broken program. */
async function intoCache(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const { folder, remove } = await temporaryFolder(path.join(path.dirname(target), DRAFT));
  try {
    await fill(folder);
    await rename(path.join(folder, path.basename(target)), target);
  } finally {
    await remove();
  }
}

/** Folders of processes that were killed. */
async function clearLeftOver(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const folder = path.join(cache, name);
    const written = name.startsWith(DRAFT) ? (await stat(folder)).mtimeMs : Infinity;
    if (Date.now() - written > DOWNLOAD_LIMIT_MS + BUILD_LIMIT_MS)
      await rm(folder, { recursive: true, force: true });
  }
}
