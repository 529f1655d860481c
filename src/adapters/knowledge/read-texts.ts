import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { KnowledgeFault } from './read-document';

export const FOLDERS = ['risks', 'technologies', 'rollout', 'services'] as const;
export type Folder = (typeof FOLDERS)[number];
/** A document as it lies in the folder; `file` is relative to the knowledge base. */
export type Text = { file: string; text: string };

const MAX_FILES = 2_000;
/** A document is read by people; a knowledge base is written by them. */
const MAX_FILE_BYTES = 64 * 1024;

/** All documents of a base, by folder and in the order of their names; what cannot be read is added to `errors`. */
export async function readTexts(
  dir: string,
  errors: KnowledgeFault[],
): Promise<Record<Folder, Text[]>> {
  const found: Record<Folder, Text[]> = { risks: [], technologies: [], rollout: [], services: [] };
  for (const folder of FOLDERS) {
    for (const file of await filesIn(dir, folder, errors)) {
      const text = await readText(dir, file, errors);
      if (text !== undefined) found[folder].push({ file, text });
    }
  }
  return found;
}

async function readText(
  dir: string,
  file: string,
  errors: KnowledgeFault[],
): Promise<string | undefined> {
  const fail = (message: string) => void errors.push({ file, line: 1, message });
  const stats = await lstat(path.join(dir, file));
  if (!stats.isFile()) return fail('is no plain file');
  if (stats.size > MAX_FILE_BYTES) return fail(`is over ${MAX_FILE_BYTES} bytes`);
  return readFile(path.join(dir, file), 'utf8');
}

async function filesIn(dir: string, folder: Folder, errors: KnowledgeFault[]): Promise<string[]> {
  let names: string[];
  try {
    names = (await readdir(path.join(dir, folder))).sort();
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!missing || folder === 'rollout') {
      const message = missing
        ? 'no such folder; a rollout policy is needed'
        : (error as Error).message;
      errors.push({ file: path.join(dir, folder), line: 1, message });
    }
    return [];
  }
  if (names.length > MAX_FILES) {
    errors.push({ file: path.join(dir, folder), line: 1, message: `over ${MAX_FILES} files` });
    return [];
  }
  return names.filter((name) => name.endsWith('.md')).map((name) => path.join(folder, name));
}
