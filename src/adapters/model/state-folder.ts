import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { readPlainFile } from '../files/plain-file';
import { checkShape, DEFAULT_BOUNDS, parseBoundedJson } from '../upstream/bounded-json';

/** At most half a million tokens of replies; one reply is a few kB. */
const MAX_FILES = 2_000;
const MAX_FILE_BYTES = 1024 * 1024;
const FILE_BOUNDS = { ...DEFAULT_BOUNDS, text: MAX_FILE_BYTES };
const MAX_AGE_MS = 24 * 3600_000;
const PRUNE_EVERY_MS = 60_000;

export type StateFolder = ReturnType<typeof createStateFolder>;

/**
 * Small JSON files that outlive the process: replies and what was spent. Writes are atomic (a rename), reads parse;
 * a file that is old, too large or broken counts as missing. If the folder cannot be written, nothing is cached, but no
 * preparation fails.
 */
export function createStateFolder(folder: string, maxAgeMs = MAX_AGE_MS, maxFiles = MAX_FILES) {
  let prunedAt = 0;
  const fileOf = (key: string) => path.join(folder, `${key}.json`);

  return {
    async read<Schema extends z.ZodType>(
      key: string,
      schema: Schema,
    ): Promise<z.infer<Schema> | undefined> {
      try {
        const { mtimeMs } = await stat(fileOf(key));
        if (Date.now() - mtimeMs > maxAgeMs) return undefined;
        const text = await readPlainFile(fileOf(key), MAX_FILE_BYTES);
        return checkShape(schema, parseBoundedJson(text, FILE_BOUNDS)).data;
      } catch {
        return undefined;
      }
    },

    /** True when the file is on disk under its name. */
    async write(key: string, value: unknown): Promise<boolean> {
      const text = JSON.stringify(value);
      if (text.length > MAX_FILE_BYTES) return false;
      const draft = path.join(folder, `${key}.${randomUUID()}.tmp`);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(draft, text, { mode: 0o600, flush: true });
        await rename(draft, fileOf(key));
        await prune();
        return true;
      } catch {
        await rm(draft, { force: true }).catch(() => undefined);
        return false;
      }
    },
  };

  /** Deletes the oldest files first, including drafts of a killed process. */
  async function prune(): Promise<void> {
    if (Date.now() - prunedAt < PRUNE_EVERY_MS) return;
    prunedAt = Date.now();
    const files = await Promise.all(
      (await readdir(folder)).map(async (name) => {
        const file = path.join(folder, name);
        return { file, mtimeMs: (await stat(file)).mtimeMs };
      }),
    );
    const newestFirst = files.sort((a, b) => b.mtimeMs - a.mtimeMs);
    const stale = newestFirst.filter(
      ({ mtimeMs }, index) => index >= maxFiles || prunedAt - mtimeMs > maxAgeMs,
    );
    await Promise.all(stale.map(({ file }) => rm(file, { force: true })));
  }
}
