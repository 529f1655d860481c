import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Purse, PurseKey } from './request';
import type { StateFolder } from './state-folder';

const Spent = z.strictObject({ tokens: z.int().nonnegative() });

/** Of what is left of a share, an attempt may spend so much; the rest stays for attempts after it. */
const PART = 0.75;

/**
 * What an attempt may spend of its activity's share, when the attempts before it spent what is written down; of an
 * attempt without a record (another machine, a lost disk) the whole of what it was allowed is taken for spent. So the
 * sum over all attempts stays below the share, whoever runs them and whatever they can know of each other.
 */
export function allowanceOf(share: number, earlier: readonly (number | undefined)[]): number {
  let left = share;
  for (const spent of earlier) left -= Math.min(spent ?? Infinity, left * PART);
  return Math.floor(left * PART);
}

/** The purse of one attempt, opened as if all were spent, and settled at its end: a killed worker leaves it so. */
export function createPurses(folder: StateFolder) {
  const keyOf = ({ run, activity }: PurseKey, attempt: number) =>
    `spent-${createHash('sha256').update(`${run}\n${activity}\n${attempt}`).digest('hex')}`;
  return async (key: PurseKey): Promise<Purse> => {
    const earlier: (number | undefined)[] = [];
    for (let attempt = 1; attempt < key.attempt; attempt += 1) {
      earlier.push((await folder.read(keyOf(key, attempt), Spent))?.tokens);
    }
    const allowed = allowanceOf(key.share, earlier);
    // An activity may ask more than once in one attempt.
    const before = (await folder.read(keyOf(key, key.attempt), Spent))?.tokens ?? 0;
    await folder.write(keyOf(key, key.attempt), { tokens: allowed });
    return {
      tokens: Math.max(0, allowed - before),
      close: async (spent) => {
        await folder.write(keyOf(key, key.attempt), { tokens: before + spent });
      },
    };
  };
}
