import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole } from './atomic-file';
import { PlainFileError, readPlainFile } from './plain-file';

export type NewFile = { name: string; content: string };
export type Written = { file: string; how: 'wrote' | 'unchanged' };

/** What others read, such as Prometheus, under a user of their own. */
const MODE = 0o644;
/** No file that is written is larger. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Writes files into a folder, each whole or not at all. One that is there with the same content stays; before anything
 * is written, those that differ are returned as `differ`, unless `force` replaces them.
 */
export async function writeNewFiles(
  folder: string,
  files: readonly NewFile[],
  force = false,
): Promise<{ written: Written[] } | { differ: string[] }> {
  const states = await Promise.all(
    files.map(async ({ name, content }) => {
      const file = path.join(folder, name);
      const there = await contentOf(file);
      return { name, content, file, there };
    }),
  );
  const differ = states.filter(({ there, content }) => there !== undefined && there !== content);
  if (differ.length > 0 && !force) return { differ: differ.map(({ file }) => file) };
  await mkdir(folder, { recursive: true });
  const written: Written[] = [];
  for (const { name, content, file, there } of states) {
    const how = there === content ? 'unchanged' : 'wrote';
    if (how === 'wrote') await writeWhole(folder, name, content, rename, MODE);
    written.push({ file, how });
  }
  return { written };
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readPlainFile(file, MAX_BYTES, { followLinks: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Something else than what would be written.
    if (error instanceof PlainFileError) return '';
    throw error;
  }
}
