import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { NamedKey } from '../named-key';
import { checkShape } from '../upstream/bounded-json';
import { UpstreamError } from '../upstream/upstream-error';

/** HMAC-SHA256 in hexadecimal. That of an issue is over the bytes that its digest covers, and stored next to it. */
export const Seal = z.object({
  key_id: z.string().regex(/^[\w.-]{1,64}$/),
  hmac: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Seal = z.infer<typeof Seal>;

export type Sealing = {
  /** The first seals, all are accepted. */
  keys: readonly NamedKey[];
  /** Accept what has no seal: issues and records of before the keys were set. */
  acceptUnsealed?: boolean;
  /** Gets a sentence about each document that is read without a seal. */
  onUnsealed?: (message: string) => void;
};

/** What is stored is not sealed by a key of this process. Activities turn it into a failure of its own type. */
export class SealError extends UpstreamError {
  constructor(message: string) {
    super('issue-store', message, { permanent: true });
  }
}

/** What a seal is for: a name for messages, the bytes under it, and what to do with one that is not ours. */
export type Sealed = { named: string; text: string; remedy: string };

/** The seal of a text, by the first key. */
export function sealOf(text: string, { keys: [active] }: Sealing): Seal | undefined {
  return active && { key_id: active.id, hmac: hmacOf(text, active).toString('hex') };
}

const hmacOf = (text: string, { key }: NamedKey): Buffer =>
  createHmac('sha256', key).update(text).digest();

/** Throws SealError unless a key of ours made the seal. */
export function checkSeal(
  { named, text, remedy }: Sealed,
  stored: unknown,
  { keys, acceptUnsealed, onUnsealed }: Sealing,
): void {
  if (stored === undefined || stored === null) {
    if (!acceptUnsealed)
      throw new SealError(
        `${named} has no seal: it was recorded without ISSUE_SEAL_KEYS, or by somebody else. If it is yours, read it with ISSUE_UNSEALED=accept; else ${remedy}`,
      );
    onUnsealed?.(`${named} has no seal; it was read because ISSUE_UNSEALED is "accept"`);
    return;
  }
  const forged = `somebody without the key wrote it: ${remedy}, and check who can write to the store`;
  const read = checkShape(Seal, stored);
  if (!read.success)
    throw new SealError(`${named} has an unreadable seal (${read.fault}); ${forged}`);
  const { data: seal } = read;
  const key = keys.find(({ id }) => id === seal.key_id);
  if (key === undefined) {
    const known = keys.map(({ id }) => id).join(', ');
    throw new SealError(
      `${named} is sealed with the key ${seal.key_id}, which is not in ISSUE_SEAL_KEYS (${known}): add that key after the first one`,
    );
  }
  if (!timingSafeEqual(hmacOf(text, key), Buffer.from(seal.hmac, 'hex')))
    throw new SealError(
      `${named} does not fit its seal by the key ${key.id}: that id has another key here, or ${forged}`,
    );
}
