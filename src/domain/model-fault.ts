import { z } from 'zod';

/** What was wrong with an answer of the model, or with getting one; each bad answer has exactly one. */
export const ModelFault = z.enum([
  /** No connection, or one that broke before the answer was whole. */
  'transport',
  'timeout',
  /** A status error that waiting may cure (429, 5xx, …). */
  'status',
  /** A status error that waiting cannot cure: key, name of the model, quota. */
  'rejected',
  /** A page instead of an answer, as from a proxy or a login. */
  'html',
  /** JSON, but no chat completion: no choices, or an error with status 200. */
  'not_a_completion',
  'refusal',
  'content_filter',
  /** Cut at the limit of tokens. */
  'length',
  'blank',
  'not_json',
  'schema',
  /** The answer names nothing that was offered. */
  'unknown_ids',
  /** The server counted far fewer tokens than were sent: it cut the prompt. The answer counts, with a warning. */
  'prompt_truncated',
  /** Nothing was asked: tokens or time of this run are spent. */
  'budget',
  /** A mistake of ours. */
  'internal',
]);
export type ModelFault = z.infer<typeof ModelFault>;
