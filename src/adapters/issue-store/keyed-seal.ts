import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Issue } from '../../domain/issue';
import type { NamedKey } from '../named-key';
import { checkShape } from '../upstream/bounded-json';
import { UpstreamError } from '../upstream/upstream-error';
import { canonicalOf } from './seal';

/** HMAC-SHA256, in hexadecimal, over the bytes that the digest covers. It is stored next to the issue, not in it. */
export const Seal = z.object({
  key_id: z.string().regex(/^[\w.-]{1,64}$/),
  hmac: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Seal = z.infer<typeof Seal>;

export type Sealing = {
  /** The first seals, all are accepted. */
  keys: readonly NamedKey[];
  /** Accept issues without a seal: those of before the keys were set. */
  acceptUnsealed?: boolean;
  /** Gets a sentence about each issue that is read without a seal. */
  onUnsealed?: (message: string) => void;
};

/** The stored issue is not sealed by a key of this process. Activities turn it into a failure of its own type. */
export class SealError extends UpstreamError {
  constructor(message: string) {
    super('issue-store', message, { permanent: true });
  }
}

/** The seal of an issue, by the first key. */
export function sealOf(issue: Issue, { keys: [active] }: Sealing): Seal | undefined {
  return active && { key_id: active.id, hmac: hmacOf(issue, active).toString('hex') };
}

const hmacOf = (issue: Issue, { key }: NamedKey): Buffer =>
  createHmac('sha256', key).update(canonicalOf(issue)).digest();

/** Throws SealError unless a key of ours sealed the issue; `where` is the place of the store. */
export function checkSeal(
  issue: Issue,
  { seal: stored, where }: { seal: unknown; where: string },
  { keys, acceptUnsealed, onUnsealed }: Sealing,
): void {
  const named = `${issue.issue_id} in ${where}`;
  if (stored === undefined || stored === null) {
    if (!acceptUnsealed) throw new SealError(`${named} has no seal: ${UNSEALED}`);
    onUnsealed?.(`${named} has no seal; it was read because ISSUE_UNSEALED is "accept"`);
    return;
  }
  const read = checkShape(Seal, stored);
  if (!read.success)
    throw new SealError(`${named} has an unreadable seal (${read.fault}): ${FORGED}`);
  const { data: seal } = read;
  const key = keys.find(({ id }) => id === seal.key_id);
  if (key === undefined) {
    const known = keys.map(({ id }) => id).join(', ');
    throw new SealError(
      `${named} is sealed with the key ${seal.key_id}, which is not in ISSUE_SEAL_KEYS (${known}): add that key after the first one`,
    );
  }
  if (!timingSafeEqual(hmacOf(issue, key), Buffer.from(seal.hmac, 'hex')))
    throw new SealError(
      `${named} does not fit its seal by the key ${key.id}: ${FORGED}, or that id has another key here`,
    );
}

const UNSEALED =
  'it was recorded without ISSUE_SEAL_KEYS, or by somebody else. If it is yours, read it with ISSUE_UNSEALED=accept; else prepare the release again';
const FORGED =
  'somebody without the key wrote it. Prepare the release again, and check who can write to the store';
