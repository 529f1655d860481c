import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TokenAllowance, AllowanceKey } from './model-request';
import type { StateFolder } from './state-folder';

const Spent = z.strictObject({ tokens: z.int().nonnegative() });

/** The part of the remaining share that one attempt may spend; the rest is for later attempts. */
const PART = 0.75;

/**
 * What an attempt may spend of its activity's share, given the recorded spending of earlier attempts. An attempt without
 * a record (another machine, a lost disk) counts as having spent its whole allowance. So the sum over all attempts stays
 * below the share, whichever workers run them.
 */
export function allowanceOf(share: number, earlier: readonly (number | undefined)[]): number {
  let left = share;
  for (const spent of earlier) left -= Math.min(spent ?? Infinity, left * PART);
  return Math.floor(left * PART);
}

/** The allowance of one attempt: recorded as fully spent, corrected at its end. So a killed worker counts as fully spent. */
export function createAllowances(folder: StateFolder) {
  const keyOf = ({ run, activity }: AllowanceKey, attempt: number) =>
    `spent-${createHash('sha256').update(`${run}\n${activity}\n${attempt}`).digest('hex')}`;
  return async (key: AllowanceKey): Promise<TokenAllowance> => {
    const earlier: (number | undefined)[] = [];
    for (let attempt = 1; attempt < key.attempt; attempt += 1) {
      earlier.push((await folder.read(keyOf(key, attempt), Spent))?.tokens);
    }
    const allowed = allowanceOf(key.share, earlier);
    // An activity may call the model more than once in one attempt.
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
