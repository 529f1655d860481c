import type { FairLimit } from '../limits/fair-limit';
import type { Rung } from './request';
import type { ExtraBody } from './wire-body';

export type ModelOptions = {
  apiKey?: string;
  baseUrl?: string;
  model: string;
  /** Of one call, its body included. */
  timeoutMs?: number;
  maxReplyTokens?: number;
  /** Without it, a probe finds out. */
  structuredOutput?: Rung;
  extraBody?: ExtraBody;
  /** Of a whole preparation; the adapter only keeps it. */
  runTokens?: number;
  /** Replies and spendings that outlive the process. */
  cacheDir: string;
  /** This worker's share of the model; without it, no bound. */
  limit?: FairLimit;
};
