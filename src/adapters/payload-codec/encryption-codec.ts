import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { NamedKey } from '../named-key';

/** Temporal's own names, by which its tools know an encrypted payload. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D: 96 bits drawn at random are safe for 2^32 payloads of one key. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const { Payload: Wire } = temporal.api.common.v1;
const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** A payload that this configuration cannot read: the command line ends with the exit code of a configuration error. */
export class UnreadablePayload extends Error {
  override readonly name = 'ConfigError';
}

/**
 * AES-256-GCM over whole payloads, metadata included. The first key encrypts, every key decrypts; without keys payloads
 * stay as they are, and one that is encrypted fails with the id of the key that is missing.
 */
export function createEncryptionCodec(keys: readonly NamedKey[]): PayloadCodec {
  const [active] = keys;
  const byId = new Map(keys.map((key) => [key.id, key]));
  return {
    encode: (payloads) =>
      Promise.resolve(
        active === undefined ? payloads : payloads.map((payload) => encrypt(active, payload)),
      ),
    // What is thrown in an executor is a rejection.
    decode: (payloads) =>
      new Promise((resolve) => resolve(payloads.map((payload) => decrypt(byId, payload)))),
  };
}

/** `data` is IV, ciphertext and tag; the key's id is authenticated with it. */
function encrypt({ id, key }: NamedKey, payload: Payload): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(id));
  const parts = [iv, cipher.update(Wire.encode(payload).finish()), cipher.final()];
  return {
    metadata: { encoding: bytesOf(ENCODING), [KEY_ID]: bytesOf(id) },
    data: Buffer.concat([...parts, cipher.getAuthTag()]),
  };
}

const associatedData = (id: string): Uint8Array => bytesOf(`${ENCODING}\n${id}`);

function decrypt(keys: ReadonlyMap<string, NamedKey>, payload: Payload): Payload {
  const { metadata, data } = payload;
  if (textOf(metadata?.['encoding']) !== ENCODING) return payload;
  const id = textOf(metadata?.[KEY_ID]);
  const known = keys.get(id);
  if (known === undefined) throw new UnreadablePayload(missing(id, keys));
  const bytes = Buffer.from(data ?? []);
  if (bytes.byteLength < IV_BYTES + TAG_BYTES) throw new UnreadablePayload(changed(id));
  const iv = bytes.subarray(0, IV_BYTES);
  const decipher = createDecipheriv(CIPHER, known.key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(id));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const plain = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
    return Wire.decode(Buffer.concat([plain, decipher.final()]));
  } catch {
    throw new UnreadablePayload(changed(id));
  }
}

const textOf = (bytes: Uint8Array | null | undefined): string =>
  Buffer.from(bytes ?? []).toString('utf8');

/** An id from outside is shown only with the characters and length of a valid id. */
const shown = (id: string): string => id.replace(/[^A-Za-z0-9._-]/g, '?').slice(0, 64) || '(none)';

function missing(id: string, keys: ReadonlyMap<string, unknown>): string {
  const known =
    keys.size === 0
      ? 'no key is configured here'
      : `the configured keys are ${[...keys.keys()].join(', ')}`;
  return (
    `a payload is encrypted with the key "${shown(id)}", and ${known}: ` +
    'add that key to PAYLOAD_ENCRYPTION_KEYS (or its file), not as the first entry if another key encrypts now'
  );
}

const changed = (id: string): string =>
  `a payload encrypted with the key "${shown(id)}" cannot be read: either it was changed, or this id belongs to another key here; ` +
  'compare PAYLOAD_ENCRYPTION_KEYS with that of the process that wrote it';
