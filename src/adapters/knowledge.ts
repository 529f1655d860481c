import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import type { Knowledge } from '../domain/knowledge/knowledge';
import { RiskDocument } from '../domain/knowledge/risk-document';
import { RolloutDocument } from '../domain/knowledge/rollout-document';
import { ServiceDocument } from '../domain/knowledge/service-document';
import { TechnologyDocument } from '../domain/knowledge/technology-document';
import { readDocument, type KnowledgeFault, type Read } from './knowledge/read-document';
import { checkReferences } from './knowledge/references';

export type LoadedKnowledge =
  { ok: true; knowledge: Knowledge } | { ok: false; errors: KnowledgeFault[] };

const MAX_FILES = 2_000;

/** Reads `knowledge/{risks,technologies,rollout,services}/*.md`; answers all faults with file and line, or the knowledge. */
export async function loadKnowledge(dir: string): Promise<LoadedKnowledge> {
  const errors: KnowledgeFault[] = [];
  const read = async <Schema extends z.ZodType>(folder: string, schema: Schema) => {
    const found: Read<z.infer<Schema>>[] = [];
    for (const file of await filesIn(dir, folder, errors)) {
      const one = await readDocument(dir, file, schema, errors);
      if (one !== undefined) found.push(one);
    }
    return found;
  };
  const risks = await read('risks', RiskDocument);
  const technologies = await read('technologies', TechnologyDocument);
  const rollout = await read('rollout', RolloutDocument);
  const services = await read('services', ServiceDocument);
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

async function filesIn(dir: string, folder: string, errors: KnowledgeFault[]): Promise<string[]> {
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
