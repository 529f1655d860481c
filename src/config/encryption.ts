import { z } from 'zod';
import type { NamedKey } from '../adapters/named-key';
import { keyList, keyListFile } from './key-lists';

/** A token that a person could guess protects nothing. */
const MIN_TOKEN = 16;

/** Variables of payload encryption and of the codec endpoint. */
export const ENCRYPTION_VARIABLES = {
  PAYLOAD_ENCRYPTION_KEYS: keyList.describe(
    '`id:base64` entries, separated by commas or new lines. Payloads in Temporal are encrypted with the first key and decrypted with any of them ([security.md](security.md)).',
  ),
  PAYLOAD_ENCRYPTION_KEYS_FILE: keyListFile.describe(
    'File with the same entries, instead of the variable.',
  ),
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
  PAYLOAD_ENCRYPTION_KEYS?: NamedKey[] | undefined;
  PAYLOAD_ENCRYPTION_KEYS_FILE?: NamedKey[] | undefined;
}): NamedKey[] => config.PAYLOAD_ENCRYPTION_KEYS ?? config.PAYLOAD_ENCRYPTION_KEYS_FILE ?? [];

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;
