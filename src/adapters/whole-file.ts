import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a file that a reader finds whole or not at all, on the disk when this returns. `place` gives the finished file
 * its name: `link` fails with EEXIST when the name is taken, `rename` replaces. Throws what the file system says.
 */
export async function writeWhole(
  folder: string,
  name: string,
  content: string | Uint8Array,
  place: (temporary: string, target: string) => Promise<void>,
): Promise<void> {
  const draft = `.${name}.`;
  const temporary = path.join(folder, `${draft}${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    await writeSynced(temporary, content);
    await place(temporary, path.join(folder, name));
    await syncFolder(folder);
  } finally {
    await rm(temporary, { force: true });
  }
  await clearStale(folder, draft);
}

/** Nobody writes one file for so long: what is older was begun by a process that was killed. */
const STALE_MS = 3_600_000;

async function clearStale(folder: string, draft: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(draft)) continue;
    const file = path.join(folder, name);
    const written = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (Date.now() - written > STALE_MS) await rm(file, { force: true });
  }
}

async function writeSynced(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
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
