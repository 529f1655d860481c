import type { z } from 'zod';
import type { Knowledge } from '../../domain/knowledge/knowledge';
import { RiskDocument } from '../../domain/knowledge/risk-document';
import { RolloutDocument } from '../../domain/knowledge/rollout-document';
import { ServiceDocument } from '../../domain/knowledge/service-document';
import { TechnologyDocument } from '../../domain/knowledge/technology-document';
import { readCheckedCopy } from './knowledge-cache';
import { parseKnowledge, type KnowledgeFault, type Read } from './read-document';
import { readTexts, type Folder } from './read-texts';
import { checkReferences } from './references';

export type LoadedKnowledge =
  { ok: true; knowledge: Knowledge } | { ok: false; errors: KnowledgeFault[] };

/** Reads `knowledge/{risks,technologies,rollout,services}/*.md`; answers all faults with file and line, or the knowledge. */
export async function loadKnowledge(dir: string): Promise<LoadedKnowledge> {
  const errors: KnowledgeFault[] = [];
  const texts = await readTexts(dir, errors);
  const checked = errors.length > 0 ? null : await readCheckedCopy(texts);
  if (checked !== null) return { ok: true, knowledge: checked };
  const read = <Schema extends z.ZodType>(folder: Folder, schema: Schema) =>
    texts[folder].flatMap(({ file, text }) => parseKnowledge(file, text, schema, errors) ?? []);
  const risks = read('risks', RiskDocument);
  const technologies = read('technologies', TechnologyDocument);
  const rollout = read('rollout', RolloutDocument);
  const services = read('services', ServiceDocument);
  checkReferences({ risks, technologies, rollout, services }, errors);
  if (errors.length > 0) {
    errors.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
    return { ok: false, errors };
  }
  const documents = <Matter>(list: Read<Matter>[]) => list.map(({ document }) => document);
  return {
    ok: true,
    knowledge: {
      risks: documents(risks),
      technologies: documents(technologies),
      rollout: documents(rollout),
      services: documents(services),
    },
  };
}
