import type { z } from 'zod';
import type { ModelFault } from '../../domain/model-fault';

/** Ways to be answered in JSON, the strictest first; without any of them the knowledge base decides. */
export const RUNGS = ['json_schema', 'tool', 'json_object', 'text'] as const;
export type Rung = (typeof RUNGS)[number];

export type ModelRequest<Schema extends z.ZodType = z.ZodType> = {
  name: string;
  /** Strict and local; what goes over the wire is derived from it (wire-schema.ts). */
  schema: Schema;
  system: string;
  /** Of the prompt text; part of the cache key. */
  version?: string;
  /** The facts as JSON text, sanitised; they stand behind a fence at the end of the prompt. */
  user: string;
  /** Codes and paths of what was wrong with earlier answers; nothing that the model or the outside wrote. */
  repairs?: readonly string[];
  /** The tokens that this call may cost at most, prompt and reply; without it, no bound but the reply's. */
  budget?: number;
  /** The run that asks: a bad answer is found again in the cache by its own run alone. */
  run?: string;
  signal?: AbortSignal;
};

export type ReplyMeta = {
  model: string;
  /** Paid for by this call, a probe included; of a cached reply what it cost when it was paid. */
  tokens: number;
  rung?: Rung;
  fromCache?: boolean;
  /** The server counted far fewer prompt tokens than were sent. */
  promptTruncated?: boolean;
};
export type ModelReply =
  | ({ kind: 'answer'; value: unknown } & ReplyMeta)
  | ({ kind: 'unusable'; fault: ModelFault; reason: string; paths: string[] } & ReplyMeta);

/** What one attempt of an activity may spend, written down so that the next attempt knows. */
export type Purse = { tokens: number; close(spent: number): Promise<void> };
export type PurseKey = { run: string; activity: string; attempt: number; share: number };

export type Model = {
  ask(request: ModelRequest): Promise<ModelReply>;
  /** Of a whole preparation. */
  runTokens?: number;
  openPurse?(key: PurseKey): Promise<Purse>;
};
