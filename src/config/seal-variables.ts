import { z } from 'zod';
import type { NamedKey } from '../adapters/named-key';
import { keyList, keyListFile } from './key-lists';

/** Variables of the keyed seal of issues. */
export const SEAL_VARIABLES = {
  ISSUE_SEAL_KEYS: keyList.describe(
    '`id:base64` entries, separated by commas or new lines. Issues, approvals, outcomes and gate events are sealed with the first key (HMAC-SHA256); what has no seal of one of them is refused ([security.md](security.md#seal)).',
  ),
  ISSUE_SEAL_KEYS_FILE: keyListFile.describe(
    'File with the same entries, instead of the variable.',
  ),
  ISSUE_UNSEALED: z
    .enum(['refuse', 'accept'])
    .default('refuse')
    .describe(
      'With seal keys, whether an issue or record without a seal is refused. `accept` reads those of before the keys were set. A wrong seal is always refused.',
    ),
};

/** Keys and what to do without a seal; undefined: issues are neither sealed nor checked for a seal. */
export function sealingOf(config: {
  ISSUE_SEAL_KEYS?: NamedKey[] | undefined;
  ISSUE_SEAL_KEYS_FILE?: NamedKey[] | undefined;
  ISSUE_UNSEALED: 'refuse' | 'accept';
}): { keys: NamedKey[]; acceptUnsealed: boolean } | undefined {
  const keys = config.ISSUE_SEAL_KEYS ?? config.ISSUE_SEAL_KEYS_FILE;
  return keys && { keys, acceptUnsealed: config.ISSUE_UNSEALED === 'accept' };
}
