import { loadKnowledge } from '../../adapters/knowledge/knowledge';
import { knowledgeSourceOf, loadConfig, type Config } from '../../config/config';
import { usage } from '../exit-codes';
import { print } from '../print';
import { terminalView } from '../render/layout/terminal-view';
import { wrapProse } from '../render/layout/wrap-prose';

/** `shipped + FOLDER + FOLDER`, as the layers lie. */
export const knowledgeNames = (config: Config): string => {
  const { shipped, folders } = knowledgeSourceOf(config);
  return [...(shipped ? ['shipped'] : []), ...folders].join(' + ');
};

/** `release-prep knowledge check [DIR]`: every error with file and line. DIR is laid over the shipped base. */
export async function checkKnowledge(dir: string | undefined): Promise<void> {
  const configured = loadConfig();
  const config = dir === undefined ? configured : { ...configured, KNOWLEDGE_DIR: [dir] };
  const names = knowledgeNames(config);
  const loaded = await loadKnowledge(knowledgeSourceOf(config));
  if (!loaded.ok) {
    const files = new Set(loaded.errors.map(({ file }) => file)).size;
    const lines = loaded.errors.map(({ file, line, message }) => `${file}:${line}: ${message}`);
    throw usage(
      [
        ...lines,
        `${lines.length} ${lines.length === 1 ? 'error' : 'errors'} in ${files} ${files === 1 ? 'file' : 'files'} of ${names}`,
      ].join('\n'),
    );
  }
  const { risks, technologies, rollout, services } = loaded.knowledge;
  const groups = technologies.reduce((sum, { groups: own }) => sum + own.length, 0);
  const counts =
    `${names}: ${risks.length} risks, ${technologies.length} technologies with ${groups} metric groups, ` +
    `${rollout.length} rollout policies, ${services.length} services`;
  print(wrapProse(counts, terminalView().width, 2).join('\n'));
}
