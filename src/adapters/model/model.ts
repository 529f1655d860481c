import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { classify } from './classify-completion';
import { usageOf, type Completion } from './completion';
import { createLadder } from './output-mode';
import { limitedSend } from './limited-send';
import {
  hashedMessages,
  messagesOf,
  newFence,
  textOfMessages,
  tokensAtLeast,
  tokensAtMost,
} from './chat-messages';
import type { ModelOptions } from './model-options';
import { probeWith } from './probe';
import { createAllowances } from './token-allowance';
import { createReplyCache, keyOfQuestion } from './reply-cache';
import type { Model, ModelReply, ModelRequest, OutputMode } from './model-request';
import { createStateFolder } from './state-folder';
import { createWire, isFormatRefusal } from './chat-client';
import { wireSchemaOf } from './wire-schema';

/** Smaller counts are not checked: template and rounding outweigh the text. */
const MIN_JUDGED_TOKENS = 200;

/**
 * Any OpenAI-compatible server by Chat Completions. Throws UpstreamError for the transport and for status errors;
 * a refusal or a bad answer is a reply of kind `unusable`. Retries only a refused format, one rung lower.
 */
export function createModel(options: ModelOptions): Model {
  const wire = createWire(options);
  const send = limitedSend(wire.send, options.limit, wire.maxReplyTokens);
  const folder = createStateFolder(options.cacheDir);
  const cache = createReplyCache(folder);
  const identity = [wire.baseUrl, options.model, options.extraBody ?? {}];
  const ladder = createLadder({
    configured: options.structuredOutput,
    key: `rung-${createHash('sha256').update(JSON.stringify(identity)).digest('hex')}`,
    folder,
    probe: (rung) => probeWith(send, rung),
  });

  return { ask, runTokens: options.runTokens, openAllowance: createAllowances(folder) };

  async function ask(request: ModelRequest): Promise<ModelReply> {
    const { rung, tokens } = await unlessAborted(ladder.rung(), request.signal);
    const reply = await askOn(rung, request);
    return { ...reply, tokens: reply.tokens + tokens };
  }

  async function askOn(rung: OutputMode, request: ModelRequest): Promise<ModelReply> {
    const schema = wireSchemaOf(request.schema);
    const key = keyOfQuestion({
      baseUrl: wire.baseUrl,
      model: options.model,
      rung,
      params: { extra: options.extraBody ?? {}, maxReplyTokens: wire.maxReplyTokens },
      schema,
      promptVersion: request.version ?? '',
      messages: hashedMessages(request, rung, schema),
    });
    const run = request.run ?? '';
    const known = await cache.find(key, run);
    if (known !== undefined) return { ...replyOf(known, request.schema, rung), fromCache: true };
    const messages = messagesOf(request, rung, schema, newFence());
    const prompt = textOfMessages(messages) + JSON.stringify(schema);
    const cost = tokensAtMost(prompt) + wire.maxReplyTokens;
    if (request.budget !== undefined && cost > request.budget) return overBudget(cost, rung);
    const { name, signal, run: forRun } = request;
    try {
      const completion = await send({ rung, name, schema, messages, signal, run: forRun });
      const reply = replyOf(completion, request.schema, rung, textOfMessages(messages));
      await cache.keep(key, run, reply.kind === 'answer', completion);
      await ladder.settle(rung);
      return reply;
    } catch (error) {
      const below = ladder.below(rung);
      if (below === undefined || !isFormatRefusal(error)) throw error;
      return askOn(below, request);
    }
  }

  function replyOf(
    completion: Completion,
    schema: z.ZodType,
    rung: OutputMode,
    sent?: string,
  ): ModelReply {
    const { total, input } = usageOf(completion);
    const least = tokensAtLeast(sent ?? '');
    return {
      ...classify(completion, schema),
      model: (completion.model ?? options.model).slice(0, 200),
      tokens: total,
      rung,
      promptTruncated: input > 0 && least > MIN_JUDGED_TOKENS && input < least,
    };
  }

  function overBudget(cost: number, rung: OutputMode): ModelReply {
    return {
      kind: 'unusable',
      fault: 'budget',
      reason: `the next call may cost ${cost} tokens, more than this step has left`,
      paths: [],
      model: options.model,
      tokens: 0,
      rung,
    };
  }
}

/** A probe is shared by several callers; cancelling one of them does not stop it for the others. */
function unlessAborted<Value>(
  pending: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return pending;
  return new Promise((resolve, reject) => {
    // The reason is Temporal's CancelledFailure and must reach it unchanged.
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
