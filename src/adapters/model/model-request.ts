import type { z } from 'zod';
import type { ModelFault } from '../../domain/model-fault';

/** Ways to get JSON, the strictest first; if none works, the knowledge base decides. */
export const OUTPUT_MODES = ['json_schema', 'tool', 'json_object', 'text'] as const;
export type OutputMode = (typeof OUTPUT_MODES)[number];

export type ModelRequest<Schema extends z.ZodType = z.ZodType> = {
  name: string;
  /** The strict local schema; the schema that is sent is derived from it (wire-schema.ts). */
  schema: Schema;
  system: string;
  /** Version of the prompt text; part of the cache key. */
  version?: string;
  /** The facts as sanitised JSON text; they follow a fence at the end of the prompt. */
  user: string;
  /** Codes and paths of the faults of earlier answers; no text from the model or from outside. */
  repairs?: readonly string[];
  /** Most tokens that this call may cost, prompt and reply; without it, only the reply is bounded. */
  budget?: number;
  /** The run that asks: only the same run finds a bad answer in the cache again. */
  run?: string;
  signal?: AbortSignal;
};

export type ReplyMeta = {
  model: string;
  /** Cost of this call, including a probe; for a cached reply, its original cost. */
  tokens: number;
  rung?: OutputMode;
  fromCache?: boolean;
  /** The server counted far fewer prompt tokens than were sent. */
  promptTruncated?: boolean;
};
export type ModelReply =
  | ({ kind: 'answer'; value: unknown } & ReplyMeta)
  | ({ kind: 'unusable'; fault: ModelFault; reason: string; paths: string[] } & ReplyMeta);

/** What one attempt of an activity may spend; recorded for the next attempt. */
export type TokenAllowance = { tokens: number; close(spent: number): Promise<void> };
export type AllowanceKey = { run: string; activity: string; attempt: number; share: number };

export type Model = {
  ask(request: ModelRequest): Promise<ModelReply>;
  /** For a whole preparation. */
  runTokens?: number;
  openAllowance?(key: AllowanceKey): Promise<TokenAllowance>;
};
