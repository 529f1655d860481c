import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a file that a reader finds whole or not at all, on the disk when this returns. `place` gives the finished file
 * its name: `link` fails with EEXIST when the name is taken, `rename` replaces. Throws the file system's error.
 */
export async function writeWhole(
  folder: string,
  name: string,
  content: string | Uint8Array,
  place: (temporary: string, target: string) => Promise<void>,
  mode = 0o600,
): Promise<void> {
  const temporary = path.join(folder, `.${name}.${randomUUID()}`);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await writeSynced(temporary, content, mode);
    await place(temporary, path.join(folder, name));
    await syncFolder(folder);
    if (made !== undefined) await syncParents(folder, made);
  } finally {
    await rm(temporary, { force: true });
  }
  // The file is written, whatever comes of this.
  await clearStale(folder).catch(() => undefined);
}

/** A write takes less time; an older draft is from a killed process. */
const STALE_MS = 3_600_000;
/** Only drafts are deleted: the folder may contain other files. */
const DRAFT = /^\..+\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const clearedAt = new Map<string, number>();

/** Once an hour at most: a folder may hold very many issues. */
async function clearStale(folder: string): Promise<void> {
  if (Date.now() - (clearedAt.get(folder) ?? 0) < STALE_MS) return;
  clearedAt.set(folder, Date.now());
  for (const name of await readdir(folder)) {
    if (!DRAFT.test(name)) continue;
    const file = path.join(folder, name);
    const written = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (Date.now() - written > STALE_MS) await rm(file, { force: true });
  }
}

async function writeSynced(
  file: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The entries of new folders, up to the first one that was there before. */
async function syncParents(folder: string, firstMade: string): Promise<void> {
  let at = folder;
  do {
    at = path.dirname(at);
    await syncFolder(at);
  } while (at.length >= firstMade.length);
}

/** A name is an entry of its folder: without this it may be gone after a loss of power. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
