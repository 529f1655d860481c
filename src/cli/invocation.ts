import { realpathSync } from 'node:fs';
import path from 'node:path';

type Process = { argv: string[]; env: NodeJS.ProcessEnv; cwd: string };

const BIN = 'release-prep';
const SAFE_PATH = /^[\w./@:+-]+$/;

/**
 * How this program is started again from the same folder: `npx release-prep` where npm started it, `release-prep` where
 * PATH has it, else `node` with its file. Hints begin with it, so that they work as printed.
 */
export function invocationOf({ argv, env, cwd }: Process): string {
  const entry = argv[1];
  // Imported by something else, such as a test.
  if (entry === undefined || !/^(release-prep|cli\.[jt]s)$/.test(path.basename(entry))) return BIN;
  if (env['npm_command'] !== undefined || env['npm_lifecycle_event'] !== undefined)
    return `npx ${BIN}`;
  if (isOnPath(entry, env['PATH'] ?? '')) return BIN;
  const inside = path.relative(cwd, entry);
  const file = inside.startsWith('..') ? entry : inside;
  const shown = SAFE_PATH.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`;
  return `${entry.endsWith('.ts') ? 'npx tsx' : 'node'} ${shown}`;
}

function isOnPath(entry: string, folders: string): boolean {
  const own = realPath(entry);
  const first = folders
    .split(path.delimiter)
    .map((folder) => realPath(path.join(folder, BIN)))
    .find((file) => file !== undefined);
  return own !== undefined && first === own;
}

function realPath(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

/** How hints of this process begin. */
export const PROGRAM = invocationOf({ argv: process.argv, env: process.env, cwd: process.cwd() });
