import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Knowledge } from '../../domain/knowledge/knowledge';
import { FOLDERS, type Folder, type Text } from './read-texts';

/**
 * The project's own base as the build has parsed and checked it. Parsing it takes 0.6 s of computing, a third of the
 * time in which a killed worker is back; the copy is used for exactly the texts it was made of, and by the code it was
 * built with, since it is in `dist` next to that code. Development (`src/`) has none and parses.
 */
export const CHECKED_COPY = path.resolve(__dirname, '../../../knowledge.json');

export type CheckedCopy = { fingerprint: string; knowledge: Knowledge };

/** SHA-256 of the names and texts of all documents. */
export function fingerprintOf(texts: Record<Folder, Text[]>): string {
  const hash = createHash('sha256');
  for (const { file, text } of FOLDERS.flatMap((folder) => texts[folder]))
    hash.update(`${file}\0${text}\0`);
  return hash.digest('hex');
}

/** What the build knew of these very texts; null where they are others, or where nothing was built. */
export async function readCheckedCopy(
  texts: Record<Folder, Text[]>,
  copy: string = CHECKED_COPY,
): Promise<Knowledge | null> {
  try {
    // Written by our own build.
    // eslint-disable-next-line no-restricted-syntax
    const { fingerprint, knowledge } = JSON.parse(await readFile(copy, 'utf8')) as CheckedCopy;
    return fingerprint === fingerprintOf(texts) ? knowledge : null;
  } catch {
    // No build, or a broken one: the texts themselves are at hand.
    return null;
  }
}
