import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  entriesOf,
  parseEncryptionKeys,
  type EncryptionKey,
} from '../adapters/payload-codec/encryption-key';

/** Hundreds of keys; a larger file is some other file. */
const MAX_FILE_BYTES = 64 * 1024;

/** Characters of a system error, which repeats the path. */
const MAX_ERROR_LENGTH = 500;

const toKeys = (text: string, context: z.RefinementCtx): EncryptionKey[] => {
  const { keys, errors } = parseEncryptionKeys(text);
  for (const message of errors) context.addIssue(message);
  return keys;
};

/** A token that a person could guess protects nothing. */
const MIN_TOKEN = 16;

/** Variables of payload encryption and of the codec endpoint. */
export const ENCRYPTION_VARIABLES = {
  PAYLOAD_ENCRYPTION_KEYS: z
    .string()
    .transform(toKeys)
    .optional()
    .describe(
      '`id:base64` entries, separated by commas or new lines. Payloads in Temporal are encrypted with the first key and decrypted with any of them ([security.md](security.md)).',
    ),
  PAYLOAD_ENCRYPTION_KEYS_FILE: z
    .string()
    .transform((file, context) => {
      try {
        return toKeys(readOrThrow(file), context);
      } catch (error) {
        context.addIssue(`cannot be read: ${(error as Error).message.slice(0, MAX_ERROR_LENGTH)}`);
        return z.NEVER;
      }
    })
    .optional()
    .describe('File with the same entries, instead of the variable.'),
  CODEC_ALLOWED_ORIGIN: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .transform((parts) => parts.filter(Boolean))
    .refine(
      (parts) => parts.every(isOrigin),
      'must be origins such as https://temporal.example.com',
    )
    .describe('Origins, separated by commas, of pages that may call `release-prep codec`.'),
  CODEC_TOKEN: z
    .string()
    .min(MIN_TOKEN, `must have at least ${MIN_TOKEN} characters: openssl rand -hex 32`)
    .optional()
    .describe('Token that other callers of `release-prep codec` send.'),
};

/** The first encrypts, all decrypt; none: payloads stay as they are. */
export const encryptionKeysOf = (config: {
  PAYLOAD_ENCRYPTION_KEYS?: EncryptionKey[] | undefined;
  PAYLOAD_ENCRYPTION_KEYS_FILE?: EncryptionKey[] | undefined;
}): EncryptionKey[] => config.PAYLOAD_ENCRYPTION_KEYS ?? config.PAYLOAD_ENCRYPTION_KEYS_FILE ?? [];

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

function readOrThrow(file: string): string {
  const content = readFileSync(file);
  if (content.byteLength > MAX_FILE_BYTES) throw new Error(`is over ${MAX_FILE_BYTES} bytes`);
  return content.toString('utf8');
}

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;
