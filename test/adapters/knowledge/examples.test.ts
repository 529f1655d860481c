import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { loadKnowledge } from '../../../src/adapters/knowledge/knowledge';

const ROOT = path.resolve(__dirname, '../../..');

/** The documents that docs/knowledge.md shows whole, each after the name of its file. */
async function examples(): Promise<{ file: string; text: string }[]> {
  const docs = await readFile(path.join(ROOT, 'docs/knowledge.md'), 'utf8');
  const shown = /`knowledge\/([a-z]+\/[a-z-]+\.md)`:\n\n```markdown\n([\s\S]*?)```/g;
  return [...docs.matchAll(shown)].map(([, file = '', text = '']) => ({ file, text }));
}

it('the documents that docs/knowledge.md shows are accepted beside our own', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'knowledge-docs-'));
  await cp(path.join(ROOT, 'knowledge'), folder, { recursive: true });
  const documents = await examples();
  for (const { file, text } of documents) await writeFile(path.join(folder, file), text);
  const loaded = await loadKnowledge(folder);
  expect(loaded.ok ? [] : loaded.errors).toEqual([]);
  const files = loaded.ok
    ? [...loaded.knowledge.risks, ...loaded.knowledge.services].map((one) => one.path)
    : [];
  expect(documents.length).toBeGreaterThanOrEqual(2);
  expect(files).toEqual(expect.arrayContaining(documents.map(({ file }) => file)));
});
