import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { UpstreamError, type UpstreamName } from '../upstream/upstream-error';

/** A JSON file is read into memory whole; 20,000 hosts with details are about 10 MB. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

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
  try {
    const { size } = await stat(file);
    if (size > MAX_FILE_BYTES) throw new Error(`is over ${MAX_FILE_BYTES} bytes`);
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const message = `${file}: ${(error as Error).message}`;
    throw new UpstreamError(upstream, message, { permanent: true, cause: error });
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UpstreamError(upstream, `${file}: ${issue?.path.join('.')}: ${issue?.message}`, {
    permanent: true,
  });
}
