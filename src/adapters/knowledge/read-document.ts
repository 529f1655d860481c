import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
} from 'yaml';
import type { z } from 'zod';
import type { Documented } from '../../domain/knowledge/knowledge';
import { messagesOf } from './schema-faults';
import { tooDeep } from './yaml-bounds';

/** Shown of one document; each costs a search for the name that was meant. */
const MAX_FAULTS = 50;

export type KnowledgeFault = { file: string; line: number; message: string };
/** A document, the file as errors show it, and the line of a key or an item of its front matter. */
export type Read<Matter> = {
  document: Documented<Matter>;
  file: string;
  lineOf: (path: readonly PropertyKey[]) => number;
};
/** The parsed front matter of a document, not yet checked against a schema. */
export type FrontMatter = {
  file: string;
  matter: unknown;
  prose: string;
  lineOf: (path: readonly PropertyKey[]) => number;
};

/** The text of a document → its checked front matter and its prose. */
export function parseKnowledge<Schema extends z.ZodType>(
  file: string,
  source: string,
  schema: Schema,
  errors: KnowledgeFault[],
): Read<z.infer<Schema>> | undefined {
  const front = readFrontMatter(file, source, errors);
  return front && checkDocument(front, file, schema, errors);
}

/** The front matter against its schema; `path` is the document's name inside its knowledge base. */
export function checkDocument<Schema extends z.ZodType>(
  { file, matter, prose, lineOf }: FrontMatter,
  path: string,
  schema: Schema,
  errors: KnowledgeFault[],
): Read<z.infer<Schema>> | undefined {
  // All faults, not only the first: their writer corrects them together. A document has at most 64 KiB.
  // eslint-disable-next-line no-restricted-syntax
  const parsed = schema.safeParse(matter);
  if (!parsed.success) {
    for (const { at, message } of messagesOf(parsed.error, schema, matter, MAX_FAULTS))
      errors.push({ file, line: lineOf(at), message });
    return undefined;
  }
  const document = { ...(parsed.data as object), path, prose };
  return { document: document as Documented<z.infer<Schema>>, file, lineOf };
}

/** The text of a document → its front matter, parsed as YAML; problems are added to `errors`. */
export function readFrontMatter(
  file: string,
  source: string,
  errors: KnowledgeFault[],
): FrontMatter | undefined {
  const fail = (line: number, message: string) => void errors.push({ file, line, message });
  const text = source.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  const parts = /^---\n([\s\S]*?)\n---(?:\n([\s\S]*))?$/.exec(text);
  if (parts === null) return fail(1, 'has no front matter between two lines of ---');
  const deep = tooDeep(parts[1] ?? '');
  if (deep !== undefined) return fail(deep.line + 1, deep.message);
  const lines = new LineCounter();
  // The parser's own look for keys given twice compares each with each.
  const yaml = parseDocument(parts[1] ?? '', {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
  });
  // The front matter begins on the second line of the file.
  const faults = [
    ...yaml.errors.map(({ pos, message }) => ({
      at: pos[0],
      message: message.split('\n')[0] ?? '',
    })),
    ...unreadable(yaml),
  ];
  for (const { at, message } of faults.slice(0, MAX_FAULTS))
    fail(lines.linePos(at).line + 1, message);
  if (faults.length > 0) return undefined;
  const lineOf = (at: readonly PropertyKey[]) => lineIn(yaml, lines, at) + 1;
  const matter: unknown = yaml.toJS({ maxAliasCount: 0 });
  return { file, matter, prose: (parts[2] ?? '').trim(), lineOf };
}

/** Rejects YAML features that a document must not use: aliases, which can grow without bound, and unusual keys, and keys given twice. */
function unreadable(yaml: Document): { at: number; message: string }[] {
  const found: { at: number; message: string }[] = [];
  visit(yaml, {
    Alias: (_, { source, range }) =>
      void found.push({ at: range?.[0] ?? 0, message: `*${source}: write the value itself` }),
    Map(_, { items }) {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        const at = (key as Node | null)?.range?.[0] ?? 0;
        if (!isScalar(key)) found.push({ at, message: 'a key must be a name' });
        else if (keys.has(key.value)) found.push({ at, message: 'Map keys must be unique' });
        else keys.add(key.value);
      }
    },
  });
  return found;
}

/** The line of the deepest node that the path reaches. */
function lineIn(yaml: Document, lines: LineCounter, at: readonly PropertyKey[]): number {
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
