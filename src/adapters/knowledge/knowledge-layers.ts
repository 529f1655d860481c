import path from 'node:path';
import type { z } from 'zod';
import type { Documented, Knowledge } from '../../domain/knowledge/knowledge';
import { RiskDocument } from '../../domain/knowledge/risk-document';
import { RolloutDocument } from '../../domain/knowledge/rollout-document';
import { ServiceDocument } from '../../domain/knowledge/service-document';
import { TechnologyDocument } from '../../domain/knowledge/technology-document';
import { checkDocument, readFrontMatter, type KnowledgeFault, type Read } from './read-document';
import { FOLDERS, type Folder, type Text } from './read-texts';
import type { Removed, Shelves } from './check-references';
import { didYouMean } from './did-you-mean';

/** A document with `disabled: true`: it removes the one of its id from the layers below. */
type Removal = { id: string; file: string; line: number };
/** One folder of documents, parsed; `file` in them is as errors show it. */
export type Layer = { shelves: Shelves; removals: Record<Folder, Removal[]> };

/** What a document is known by. */
const KEY = { risks: 'id', technologies: 'id', rollout: 'id', services: 'service' } as const;

/** Parses the documents of one folder. `dir` is put before the names of files in errors. */
export function parseLayer(
  texts: Record<Folder, Text[]>,
  dir: string | undefined,
  errors: KnowledgeFault[],
): Layer {
  const removals: Layer['removals'] = { risks: [], technologies: [], rollout: [], services: [] };
  const read = <Schema extends z.ZodType>(folder: Folder, schema: Schema) =>
    texts[folder].flatMap(({ file, text }): Read<z.infer<Schema>>[] => {
      const front = readFrontMatter(shownAs(dir, file), text, errors);
      if (front === undefined) return [];
      const { disabled, ...matter } = (front.matter ?? {}) as Record<string, unknown>;
      if (disabled === true) {
        removals[folder].push(...removalOf(front, KEY[folder], errors));
        return [];
      }
      const rest = disabled === false ? { ...front, matter } : front;
      const checked = checkDocument(rest, file, schema, errors);
      return checked === undefined ? [] : [checked];
    });
  const shelves = {
    risks: read('risks', RiskDocument),
    technologies: read('technologies', TechnologyDocument),
    rollout: read('rollout', RolloutDocument),
    services: read('services', ServiceDocument),
  };
  return { shelves, removals };
}

/** The documents that the build has parsed and checked; their lines are not known. */
export function layerOf(knowledge: Knowledge): Layer {
  const read = <Matter>(list: Documented<Matter>[]): Read<Matter>[] =>
    list.map((document) => ({ document, file: document.path, lineOf: () => 1 }));
  const { risks, technologies, rollout, services } = knowledge;
  return {
    shelves: {
      risks: read(risks),
      technologies: read(technologies),
      rollout: read(rollout),
      services: read(services),
    },
    removals: { risks: [], technologies: [], rollout: [], services: [] },
  };
}

/** Lays each layer over those before it: a document of the same id takes the place of the earlier one. */
export function mergeLayers(
  layers: readonly Layer[],
  errors: KnowledgeFault[],
): { shelves: Shelves; removed: Removed } {
  const shelves: Shelves = { risks: [], technologies: [], rollout: [], services: [] };
  const removed = {
    risks: new Set<string>(),
    technologies: new Set<string>(),
    rollout: new Set<string>(),
    services: new Set<string>(),
  };
  for (const layer of layers) {
    for (const folder of FOLDERS) {
      const below = shelves[folder] as Read<unknown>[];
      const own = layer.shelves[folder] as Read<unknown>[];
      const known = new Set(below.map((read) => idOf(read, folder)));
      for (const { id, file, line } of layer.removals[folder]) {
        if (!known.has(id))
          errors.push({
            file,
            line,
            message: `disabled: no ${id} to remove${didYouMean(id, known)}`,
          });
        removed[folder].add(id);
      }
      const gone = new Set([
        ...own.map((read) => idOf(read, folder)),
        ...layer.removals[folder].map(({ id }) => id),
      ]);
      own.forEach((read) => removed[folder].delete(idOf(read, folder)));
      const kept = below.filter((read) => !gone.has(idOf(read, folder)));
      (shelves[folder] as Read<unknown>[]) = [...kept, ...own];
    }
  }
  return { shelves, removed };
}

const idOf = ({ document }: Read<unknown>, folder: Folder): string =>
  (document as unknown as Record<string, string>)[KEY[folder]] ?? '';

function removalOf(
  { file, matter, lineOf }: NonNullable<ReturnType<typeof readFrontMatter>>,
  key: string,
  errors: KnowledgeFault[],
): Removal[] {
  const id = (matter as Record<string, unknown>)[key];
  if (typeof id === 'string' && id !== '') return [{ id, file, line: lineOf([key]) }];
  errors.push({ file, line: lineOf(['disabled']), message: `${key}: is missing` });
  return [];
}

const shownAs = (dir: string | undefined, file: string): string =>
  dir === undefined ? file : path.join(dir, file);
