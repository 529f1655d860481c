import { z } from 'zod';
import { readAtStart } from '../adapters/files/plain-file';
import { entriesOf, parseNamedKeys, type NamedKey } from '../adapters/named-key';

/** Hundreds of keys; a larger file is some other file. */
const MAX_FILE_BYTES = 64 * 1024;

/** Characters of a system error, which repeats the path. */
const MAX_ERROR_LENGTH = 500;

const toKeys = (text: string, context: z.RefinementCtx): NamedKey[] => {
  const { keys, errors } = parseNamedKeys(text);
  for (const message of errors) context.addIssue(message);
  return keys;
};

/** A variable of `id:base64` entries. */
export const keyList = z.string().transform(toKeys).optional();

/** A variable that names a file of such entries. */
export const keyListFile = z
  .string()
  .transform((file, context) => {
    try {
      return toKeys(readOrThrow(file), context);
    } catch (error) {
      context.addIssue(`cannot be read: ${(error as Error).message.slice(0, MAX_ERROR_LENGTH)}`);
      return z.NEVER;
    }
  })
  .optional();

/** Undefined when no file is named, or when it cannot be read (parsing the environment reports that). */
export function readKeysFile(file: string | undefined): string | undefined {
  try {
    return file ? readOrThrow(file) : undefined;
  } catch {
    return undefined;
  }
}

/** The parts of a key list that must not be shown: each key, and each entry that is not `id:base64`. */
export const secretPartsOf = (text: string): string[] =>
  entriesOf(text)
    .map((entry) => entry.slice(entry.indexOf(':') + 1).trim())
    .filter(Boolean);

const readOrThrow = (file: string): string => readAtStart(file, MAX_FILE_BYTES).toString('utf8');
