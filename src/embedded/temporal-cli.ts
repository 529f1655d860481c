import { execFile, spawn } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

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
  const tried: string[] = [];
  for (const [what, obtain] of [
    ['download', download],
    ['build with Go', build],
  ] as const) {
    try {
      return await obtain(cached, onProgress);
    } catch (error) {
      tried.push(`${what}: ${lastLine(error)}`);
    }
  }
  throw new Error(
    `the Temporal CLI is not on PATH, and it could not be downloaded or built (${tried.join('; ')}). ` +
      'Install it (https://docs.temporal.io/cli) or set TEMPORAL_CLI_PATH.',
  );
}

/** The message of a failed command has the command first and the reason last; one that was ended has no reason. */
const lastLine = (error: unknown): string =>
  (error as { killed?: boolean }).killed === true
    ? `ended after ${BUILD_LIMIT_MS / 60_000} minutes, which a busy machine can need: try again, what was compiled is kept`
    : ((error as Error).message.trim().split('\n').at(-1) ?? 'no reason given');

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
async function download(target: string, onProgress: OnProgress): Promise<string> {
  const arch = os.arch() === 'arm64' ? 'arm64' : 'amd64';
  const url = `https://temporal.download/cli/archive/v1.5.1?platform=${os.platform()}&arch=${arch}`;
  onProgress('downloading the Temporal CLI');
  const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
  if (!response.ok) throw new Error(`the download answered ${response.status}`);
  return intoCache(target, async (folder) => {
    const archive = Buffer.from(await response.arrayBuffer());
    await new Promise<void>((resolve, reject) => {
      const tar = spawn('tar', ['-xz', '-C', folder], { stdio: ['pipe', 'ignore', 'ignore'] });
      tar.on('error', reject);
      tar.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`tar exited with code ${code}`)),
      );
      tar.stdin.end(archive);
    });
  });
}

async function build(target: string, onProgress: OnProgress): Promise<string> {
  onProgress('building the Temporal CLI with Go; this takes about 4 minutes, once');
  const began = Date.now();
  const report = setInterval(
    () =>
      onProgress(`still building the Temporal CLI (${Math.round((Date.now() - began) / 1000)} s)`),
    BUILD_REPORT_MS,
  );
  try {
    return await intoCache(target, async (folder) => {
      await promisify(execFile)('go', ['install', CLI_MODULE], {
        env: { ...process.env, GOBIN: folder },
        timeout: BUILD_LIMIT_MS,
        maxBuffer: 64 * 1024 * 1024,
      });
    });
  } finally {
    clearInterval(report);
  }
}

/** Into a folder of its own, then renamed: a broken try leaves no broken program. */
async function intoCache(target: string, fill: (folder: string) => Promise<void>): Promise<string> {
  await mkdir(path.dirname(target), { recursive: true });
  const folder = await mkdtemp(path.join(path.dirname(target), 'new-'));
  try {
    await fill(folder);
    await rename(path.join(folder, 'temporal'), target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
