import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { readPlainFile } from '../files/plain-file';
import type { KnowledgeFault } from './read-document';

export const FOLDERS = ['risks', 'technologies', 'rollout', 'services'] as const;
export type Folder = (typeof FOLDERS)[number];
/** A document as stored; `file` is relative to the knowledge base. */
export type Text = { file: string; text: string };

const MAX_FILES = 2_000;
/** A document is read by people; a knowledge base is written by them. */
const MAX_FILE_BYTES = 64 * 1024;
/** Of one base: the shipped one has 0.7 MB, and each byte is parsed at the start of a worker. */
const MAX_BASE_BYTES = 16 * 1024 * 1024;

/** All documents of a base, by folder and in the order of their names; problems are added to `errors`. */
export async function readTexts(
  dir: string,
  errors: KnowledgeFault[],
): Promise<Record<Folder, Text[]>> {
  const found: Record<Folder, Text[]> = { risks: [], technologies: [], rollout: [], services: [] };
  let isBase = false;
  let bytes = 0;
  for (const folder of FOLDERS) {
    const files = await filesIn(dir, folder, errors);
    isBase ||= files !== null;
    for (const file of files ?? []) {
      const text = await readText(dir, file, errors);
      if (text === undefined) continue;
      bytes += Buffer.byteLength(text);
      if (bytes > MAX_BASE_BYTES) {
        errors.push({ file, line: 1, message: `with it the base is over ${MAX_BASE_BYTES} bytes` });
        return found;
      }
      found[folder].push({ file, text });
    }
  }
  // A mistyped path must not look like an empty base.
  if (!isBase)
    errors.push({ file: dir, line: 1, message: `has no folder named ${FOLDERS.join(', ')}` });
  return found;
}

async function readText(
  dir: string,
  file: string,
  errors: KnowledgeFault[],
): Promise<string | undefined> {
  const fail = (message: string) => void errors.push({ file, line: 1, message });
  try {
    // A mount of Kubernetes has links inside the folder.
    const [real, root] = await Promise.all([realpath(path.join(dir, file)), realpath(dir)]);
    if (!real.startsWith(path.join(root, path.sep)))
      return fail(`leads out of the folder; name its folder in KNOWLEDGE_DIR, too`);
    return await readPlainFile(real, MAX_FILE_BYTES);
  } catch (error) {
    return fail((error as Error).message);
  }
}

/** Null if the folder does not exist. */
async function filesIn(
  dir: string,
  folder: Folder,
  errors: KnowledgeFault[],
): Promise<string[] | null> {
  let names: string[];
  try {
    names = (await readdir(path.join(dir, folder))).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    errors.push({ file: path.join(dir, folder), line: 1, message: (error as Error).message });
    return [];
  }
  if (names.length > MAX_FILES) {
    errors.push({ file: path.join(dir, folder), line: 1, message: `over ${MAX_FILES} files` });
    return [];
  }
  return names.filter((name) => name.endsWith('.md')).map((name) => path.join(folder, name));
}
