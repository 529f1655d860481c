import path from 'node:path';
import type { Knowledge } from '../../domain/knowledge/knowledge';
import { readCheckedCopy } from './knowledge-cache';
import { layerOf, mergeLayers, parseLayer, type Layer } from './knowledge-layers';
import type { KnowledgeFault, Read } from './read-document';
import { readTexts, type Folder, type Text } from './read-texts';
import { checkReferences, type Shelves } from './check-references';

export type LoadedKnowledge =
  { ok: true; knowledge: Knowledge } | { ok: false; errors: KnowledgeFault[] };

const IS_BUILT = path.basename(path.resolve(__dirname, '../../..')) === 'dist';
/** The knowledge base that the product ships, wherever it is started. */
export const SHIPPED_KNOWLEDGE = path.resolve(
  __dirname,
  IS_BUILT ? '../../../../knowledge' : '../../../knowledge',
);

/** The shipped base, unless it is left out, and the user's folders laid over it in this order. */
export type KnowledgeSource = { shipped: boolean; folders: readonly string[] };

/**
 * Reads `{risks,technologies,rollout,services}/*.md` of one folder, or of the shipped base and the folders laid over it;
 * answers all faults with file and line, or the knowledge.
 */
export async function loadKnowledge(source: string | KnowledgeSource): Promise<LoadedKnowledge> {
  const { shipped, folders } =
    typeof source === 'string' ? { shipped: source, folders: [] } : basesOf(source);
  const errors: KnowledgeFault[] = [];
  const base = shipped === undefined ? undefined : await readTexts(shipped, errors);
  const over: { dir: string; texts: Texts }[] = [];
  for (const dir of folders) over.push({ dir, texts: await readTexts(dir, errors) });
  const checked = base && errors.length === 0 ? await readCheckedCopy(base) : null;
  if (checked !== null && over.length === 0) return { ok: true, knowledge: checked };
  const loaded = checked !== null ? join(layerOf(checked), over, []) : undefined;
  // The copy knows no lines: errors are looked for in the texts.
  if (loaded?.ok) return loaded;
  return join(base && parseLayer(base, undefined, errors), over, errors);
}

type Texts = Record<Folder, Text[]>;

const basesOf = ({ shipped, folders }: KnowledgeSource) => ({
  shipped: shipped ? SHIPPED_KNOWLEDGE : undefined,
  folders,
});

function join(
  base: Layer | undefined,
  over: readonly { dir: string; texts: Texts }[],
  errors: KnowledgeFault[],
): LoadedKnowledge {
  const own = over.map(({ dir, texts }) => parseLayer(texts, dir, errors));
  const { shelves, removed } = mergeLayers([...(base ? [base] : []), ...own], errors);
  checkReferences(shelves, removed, errors);
  if (shelves.rollout.length === 0 && errors.length === 0)
    errors.push({ file: 'rollout', line: 1, message: 'a rollout policy is needed' });
  if (errors.length === 0) return { ok: true, knowledge: knowledgeIn(shelves) };
  errors.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
  return { ok: false, errors };
}

function knowledgeIn({ risks, technologies, rollout, services }: Shelves): Knowledge {
  const documents = <Matter>(list: Read<Matter>[]) => list.map(({ document }) => document);
  return {
    risks: documents(risks),
    technologies: documents(technologies),
    rollout: documents(rollout),
    services: documents(services),
  };
}
