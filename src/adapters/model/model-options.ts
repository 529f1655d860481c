import type { FairLimit } from '../limits/fair-limit';
import type { OutputMode } from './model-request';
import type { ExtraBody } from './chat-request-body';

export type ModelOptions = {
  apiKey?: string;
  baseUrl?: string;
  model: string;
  /** For one call, including its body. */
  timeoutMs?: number;
  maxReplyTokens?: number;
  /** Without it, a probe decides. */
  structuredOutput?: OutputMode;
  extraBody?: ExtraBody;
  /** For a whole preparation; the adapter only stores it. */
  runTokens?: number;
  /** Folder for replies and spendings that outlive the process. */
  cacheDir: string;
  /** This worker's share of the model; without it, no limit. */
  limit?: FairLimit;
};
