import { createSecretKey, type KeyObject } from 'node:crypto';

/** A key and the name under which payloads and seals say that they need it. A KeyObject never prints its bytes. */
export type NamedKey = { id: string; key: KeyObject };

const KEY_BYTES = 32;
/** One key a month for years; a longer list is invalid. */
const MAX_KEYS = 64;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * `id:base64` entries between commas or on lines (`#` begins a comment) → keys in their order: the first encrypts or
 * signs, all decrypt or verify. Errors name an entry by its place and id; no part of a key is ever in them.
 */
export function parseNamedKeys(text: string): { keys: NamedKey[]; errors: string[] } {
  const keys: NamedKey[] = [];
  const errors: string[] = [];
  const entries = entriesOf(text);
  if (entries.length > MAX_KEYS) {
    return { keys, errors: [`has ${entries.length} entries, at most ${MAX_KEYS} are allowed`] };
  }
  for (const [index, entry] of entries.entries()) {
    const parsed = parseEntry(entry);
    if ('fault' in parsed) errors.push(`entry ${index + 1} ${parsed.fault}`);
    else if (keys.some(({ id }) => id === parsed.id))
      errors.push(`entry ${index + 1} repeats the id ${parsed.id}: give each key an id of its own`);
    else keys.push(parsed);
  }
  if (entries.length === 0) errors.push('holds no key: set id:base64');
  return { keys, errors };
}

/** The entries of a list of keys, unparsed and without comments. */
export const entriesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .flatMap((line) => (line.split('#', 1)[0] ?? '').split(','))
    .map((entry) => entry.trim())
    .filter(Boolean);

/** Without an id it may be a bare key, so none of it is shown. */
function parseEntry(entry: string): NamedKey | { fault: string } {
  const colon = entry.indexOf(':');
  if (colon === -1) return { fault: 'is not id:base64' };
  const id = entry.slice(0, colon).trim();
  const encoded = entry.slice(colon + 1).trim();
  if (!ID.test(id))
    return { fault: 'has no valid id: 1 to 64 letters, digits, dots, dashes and underscores' };
  if (!BASE64.test(encoded) || encoded === '')
    return { fault: `(${id}) is not base64: make a key with: openssl rand -base64 32` };
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.byteLength !== KEY_BYTES) {
    return {
      fault: `(${id}) has ${bytes.byteLength} bytes, it needs ${KEY_BYTES}: make a key with: openssl rand -base64 32`,
    };
  }
  return { id, key: createSecretKey(bytes) };
}
