import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { z } from 'zod';
import { type Documented, type Knowledge } from '../domain/knowledge/knowledge';
import { RiskDocument } from '../domain/knowledge/risk-document';
import { RolloutDocument } from '../domain/knowledge/rollout-document';
import { ServiceDocument } from '../domain/knowledge/service-document';
import { TechnologyDocument } from '../domain/knowledge/technology-document';

export type KnowledgeFault = { file: string; line: number; message: string };
export type LoadedKnowledge =
  { ok: true; knowledge: Knowledge } | { ok: false; errors: KnowledgeFault[] };

/** A document is read by people; a knowledge base is written by them. */
const MAX_FILE_BYTES = 64 * 1024;
const MAX_FILES = 2_000;

type Read<Matter> = { document: Documented<Matter>; lineOf: (path: PropertyKey[]) => number };

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

async function readDocument<Schema extends z.ZodType>(
  dir: string,
  file: string,
  schema: Schema,
  errors: KnowledgeFault[],
): Promise<Read<z.infer<Schema>> | undefined> {
  const fail = (line: number, message: string) => void errors.push({ file, line, message });
  const stats = await lstat(path.join(dir, file));
  if (!stats.isFile()) return fail(1, 'is no plain file');
  if (stats.size > MAX_FILE_BYTES) return fail(1, `is over ${MAX_FILE_BYTES} bytes`);
  const text = (await readFile(path.join(dir, file), 'utf8')).replaceAll('\r\n', '\n');
  const parts = /^---\n([\s\S]*?)\n---(?:\n([\s\S]*))?$/.exec(text);
  if (parts === null) return fail(1, 'has no front matter between two lines of ---');
  const lines = new LineCounter();
  const yaml = parseDocument(parts[1] ?? '', { lineCounter: lines, uniqueKeys: true });
  for (const error of yaml.errors)
    fail(lines.linePos(error.pos[0]).line + 1, error.message.split('\n')[0] ?? '');
  if (yaml.errors.length > 0) return undefined;
  // The front matter begins on the second line of the file.
  const lineOf = (at: PropertyKey[]) => lineIn(yaml, lines, at) + 1;
  const parsed = schema.safeParse(yaml.toJS({ maxAliasCount: 0 }));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      fail(lineOf(issue.path), `${issue.path.join('.') || 'front matter'}: ${issue.message}`);
    }
    return undefined;
  }
  const matter = parsed.data as object;
  const document = { ...matter, path: file, prose: (parts[2] ?? '').trim() } as Documented<
    z.infer<Schema>
  >;
  return { document, lineOf };
}

/** The line of the deepest node that the path reaches. */
function lineIn(yaml: Document, lines: LineCounter, at: PropertyKey[]): number {
  let node: unknown = yaml.contents;
  let offset = 0;
  for (const key of at) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      node = node.items[key];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}

type Shelves = {
  risks: Read<RiskDocument>[];
  technologies: Read<TechnologyDocument>[];
  rollout: Read<RolloutDocument>[];
  services: Read<ServiceDocument>[];
};

function checkReferences(shelves: Shelves, errors: KnowledgeFault[]): void {
  const { risks, technologies, rollout, services } = shelves;
  const ids = (list: Read<{ id: string }>[]) => new Set(list.map(({ document }) => document.id));
  const [riskIds, kinds, policies] = [ids(risks), ids(technologies), ids(rollout)];
  const groups = new Set(
    technologies.flatMap(({ document }) => document.groups.map(({ name }) => name)),
  );
  const fault = (of: Read<unknown>, at: PropertyKey[], message: string) =>
    errors.push({ file: of.document.path, line: of.lineOf(at), message });
  const check = (
    of: Read<unknown>,
    at: PropertyKey[],
    names: readonly string[],
    known: Set<string>,
    what: string,
  ) =>
    names.forEach((name, i) => {
      if (!known.has(name)) fault(of, [...at, i], `${at.join('.')}: no ${what} ${name}`);
    });
  const unique = (list: Read<unknown>[], key: string) => {
    const seen = new Map<unknown, string>();
    for (const of of list) {
      const id = (of.document as Record<string, unknown>)[key];
      const first = seen.get(id);
      if (first === undefined) seen.set(id, of.document.path);
      else fault(of, [key], `${key}: ${String(id)} stands in ${first} already`);
    }
  };
  unique(risks, 'id');
  unique(technologies, 'id');
  unique(rollout, 'id');
  unique(services, 'service');
  for (const risk of risks) {
    check(risk, ['applies', 'kinds'], risk.document.applies.kinds ?? [], kinds, 'technology');
    check(
      risk,
      ['applies', 'depends_on'],
      risk.document.applies.depends_on ?? [],
      kinds,
      'technology',
    );
    check(risk, ['watch'], risk.document.watch, groups, 'metric group');
  }
  for (const technology of technologies) {
    check(technology, ['extends'], technology.document.extends, kinds, 'technology');
    check(technology, ['risks'], technology.document.risks, riskIds, 'risk');
  }
  for (const policy of rollout)
    check(policy, ['kinds'], policy.document.kinds, kinds, 'technology');
  for (const service of services) {
    const { kind, rollout: policy, risks: own } = service.document;
    if (!kinds.has(kind)) fault(service, ['kind'], `kind: no technology ${kind}`);
    if (policy !== undefined && !policies.has(policy))
      fault(service, ['rollout'], `rollout: no policy ${policy}`);
    check(service, ['risks'], own, riskIds, 'risk');
  }
}
