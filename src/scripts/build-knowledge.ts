import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadKnowledge } from '../adapters/knowledge/knowledge';
import {
  CHECKED_COPY,
  fingerprintOf,
  type CheckedCopy,
} from '../adapters/knowledge/knowledge-cache';
import { readTexts } from '../adapters/knowledge/read-texts';

const OURS = path.resolve(__dirname, '../../../knowledge');

/** Parses and checks the project's own knowledge base ahead of time (run by `npm run build`); its faults fail the build. */
async function buildKnowledge(): Promise<void> {
  // What an earlier build has checked, other schemas may have let through.
  await rm(CHECKED_COPY, { force: true });
  const loaded = await loadKnowledge(OURS);
  if (!loaded.ok) {
    const faults = loaded.errors.map(({ file, line, message }) => `${file}:${line}: ${message}`);
    throw new Error(faults.join('\n'));
  }
  const fingerprint = fingerprintOf(await readTexts(OURS, []));
  const copy: CheckedCopy = { fingerprint, knowledge: loaded.knowledge };
  await writeFile(CHECKED_COPY, JSON.stringify(copy));
}

buildKnowledge().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
