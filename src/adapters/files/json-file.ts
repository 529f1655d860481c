import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { readPlainFile } from './plain-file';
import { checkShape, DEFAULT_BOUNDS, parseBoundedJson } from '../upstream/bounded-json';
import { jsonFault } from './decode-text';
import { UpstreamError, type UpstreamName } from '../upstream/upstream-error';

/** A JSON file is read into memory whole; 20,000 hosts with details are about 10 MB. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** 20,000 hosts with labels have 600,000 values, a chain of 100,000 services 1 million. */
const FILE_BOUNDS = { ...DEFAULT_BOUNDS, values: 2_000_000 };

/** `file:///abs/path` and `file:relative/path` (to the working folder) → a path. */
export function filePathOf(url: string): string {
  if (url.startsWith('file://')) return fileURLToPath(url);
  return path.resolve(decodeURIComponent(url.slice('file:'.length)));
}

/** The parsed content of a `file:` upstream; every fault is permanent and names the file. */
export async function readJsonFile<Schema extends z.ZodType>(
  upstream: UpstreamName,
  url: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const file = filePathOf(url);
  let content: unknown;
  let text = '';
  try {
    text = await readPlainFile(file, MAX_FILE_BYTES, { followLinks: true });
    content = parseBoundedJson(text, FILE_BOUNDS);
  } catch (error) {
    const fault =
      error instanceof SyntaxError
        ? `is no JSON: ${jsonFault(text, error)}`
        : (error as Error).message;
    const message = `${file}: ${fault}`;
    throw new UpstreamError(upstream, message, { permanent: true, cause: error });
  }
  const checked = checkShape(schema, content);
  if (checked.success) return checked.data;
  // All faults together for a person who corrects the file; of a long one the first, since each costs memory.
  const faults =
    text.length > MAX_LISTED
      ? checked.fault
      : // eslint-disable-next-line no-restricted-syntax
        faultsIn(content, schema.safeParse(content).error?.issues ?? []);
  throw new UpstreamError(upstream, `${file}: ${faults}`, { permanent: true });
}

const MAX_FAULTS = 10;
/** Characters of a file of which all faults are listed. */
const MAX_LISTED = 64 * 1024;

/** Each fault with its key and value, so that a file can be fixed in one pass. */
function faultsIn(content: unknown, issues: readonly z.core.$ZodIssue[]): string {
  const lines = issues.slice(0, MAX_FAULTS).map((issue) => {
    // A list given in place of {"hosts": […]} has no such key.
    const keys = Array.isArray(content) ? issue.path.slice(1) : issue.path;
    const given = keys.reduce<unknown>(
      (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
      content,
    );
    const name = issue.path.map(String).join('.') || 'the file';
    if (given === undefined && issue.path.length > 0) return `${name}: is missing`;
    const shown = JSON.stringify(given) ?? String(given);
    return `${name}: ${issue.message}, not ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}`;
  });
  const others = issues.length - lines.length;
  return [...lines, ...(others > 0 ? [`and ${others} more`] : [])].join('; ');
}
