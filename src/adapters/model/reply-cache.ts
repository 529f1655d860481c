import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { Completion } from './completion';
import type { StateFolder } from './state-folder';

const Entry = z.strictObject({ run: z.string(), good: z.boolean(), completion: Completion });

/** Everything that an answer depends on, except the fence, which is random. */
export type Question = {
  baseUrl: string;
  model: string;
  rung: string;
  params: unknown;
  schema: unknown;
  promptVersion: string;
  messages: unknown;
};

export const keyOfQuestion = (question: Question): string =>
  `reply-${createHash('sha256')
    .update(canonicalize(question) ?? '')
    .digest('hex')}`;

/**
 * Stores raw completions before they are used, so that a worker that dies between the reply and its report does not pay
 * twice. Only the same run finds a bad answer again, so that the next run asks anew.
 */
export function createReplyCache(folder: StateFolder) {
  return {
    async find(key: string, run: string): Promise<Completion | undefined> {
      const entry = await folder.read(key, Entry);
      return entry !== undefined && (entry.good || entry.run === run)
        ? entry.completion
        : undefined;
    },
    keep: (key: string, run: string, good: boolean, completion: Completion): Promise<boolean> =>
      folder.write(key, { run, good, completion }),
  };
}
