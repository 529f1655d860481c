import { loadKnowledge } from '../../adapters/knowledge/knowledge';
import { loadConfig } from '../../config/config';
import { usage } from '../exit';
import { print } from '../output';

/** `release-prep knowledge check [DIR]`: every error with file and line. */
export async function checkKnowledge(dir: string | undefined): Promise<void> {
  const folder = dir ?? loadConfig().KNOWLEDGE_DIR;
  const loaded = await loadKnowledge(folder);
  if (!loaded.ok) {
    const files = new Set(loaded.errors.map(({ file }) => file)).size;
    const lines = loaded.errors.map(({ file, line, message }) => `${file}:${line}: ${message}`);
    throw usage([...lines, `${lines.length} errors in ${files} files of ${folder}`].join('\n'));
  }
  const { risks, technologies, rollout, services } = loaded.knowledge;
  const groups = technologies.reduce((sum, { groups: own }) => sum + own.length, 0);
  print(
    `${folder}: ${risks.length} risks, ${technologies.length} technologies with ${groups} metric groups, ` +
      `${rollout.length} rollout policies, ${services.length} services`,
  );
}
