import OpenAI from 'openai';
import { checkShape } from '../upstream/bounded-json';
import { UpstreamError } from '../upstream/upstream-error';
import { boundedFetch } from './bounded-fetch';
import { Completion } from './completion';
import { formatComplaint, toUpstreamError } from './model-errors';
import type { ChatMessage } from './chat-messages';
import type { ModelOptions } from './model-options';
import type { OutputMode } from './model-request';
import { traced } from './traced-call';
import { bodyOf, type LimitField } from './chat-request-body';
import type { WireSchema } from './wire-schema';

export type WireCall = {
  rung: OutputMode;
  name: string;
  schema: WireSchema;
  messages: ChatMessage[];
  signal?: AbortSignal;
  /** Run of the workflow, shown in spans. */
  run?: string;
};
export type Send = (call: WireCall) => Promise<Completion>;

const OPENAI_URL = 'https://api.openai.com/v1';
const TIMEOUT_MS = 30_000;
/** Valid proposals are shorter; cuts off a model that does not stop. */
const MAX_REPLY_TOKENS = 2_500;

/** One bounded, traced call: returns a completion or throws UpstreamError. No retries. */
export function createWire(options: ModelOptions) {
  const baseUrl = canonicalUrl(options.baseUrl ?? OPENAI_URL);
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const maxReplyTokens = options.maxReplyTokens ?? MAX_REPLY_TOKENS;
  const client = new OpenAI({
    apiKey: options.apiKey ?? 'none',
    baseURL: baseUrl,
    // Otherwise OPENAI_ORG_ID and OPENAI_PROJECT_ID would be sent to every host, and debug logs would show prompts.
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    fetch: boundedFetch,
  });
  let limitField: LimitField = knowsNewLimit(baseUrl) ? 'max_completion_tokens' : 'max_tokens';

  const post = (call: WireCall, signal: AbortSignal) =>
    client.chat.completions.create(
      bodyOf({
        ...call,
        model: options.model,
        limitField,
        maxReplyTokens,
        extra: options.extraBody ?? {},
      }),
      { signal },
    ) as Promise<unknown>;

  /** The other refusal that a changed request can fix: the name of the token limit. */
  async function postWithKnownLimit(call: WireCall, signal: AbortSignal): Promise<unknown> {
    try {
      return await post(call, signal);
    } catch (error) {
      if (formatComplaint(error) !== 'limit_field') throw error;
      limitField = limitField === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
      return post(call, signal);
    }
  }

  const send: Send = (call) => {
    const { rung, signal, run, name: question } = call;
    const timeout = AbortSignal.timeout(timeoutMs);
    const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
    const callFacts = { model: options.model, baseUrl, rung, maxReplyTokens, question, run };
    return traced(callFacts, async () => {
      try {
        return completionIn(await postWithKnownLimit(call, either));
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw toUpstreamError(error, timeout);
      }
    });
  };
  return { send, baseUrl, maxReplyTokens };
}

/** Status 200 without a completion: an HTML page, an error object, other JSON. A retry may help. */
function completionIn(body: unknown): Completion {
  if (typeof body === 'string') {
    throw new UpstreamError('model', 'answered a page, not JSON', { fault: 'html' });
  }
  const checked = checkShape(Completion, body);
  if (checked.success) return checked.data;
  throw new UpstreamError('model', 'the answer is no chat completion', {
    fault: 'not_a_completion',
  });
}

/** True when the server considers the request malformed, which a lower rung may fix. */
export const isFormatRefusal = (error: unknown): boolean =>
  error instanceof UpstreamError && formatComplaint(error.cause) === 'format';

function canonicalUrl(text: string): string {
  const url = new URL(text);
  url.hash = '';
  return url.href.replace(/(?<!\/)\/+$/, '');
}

const knowsNewLimit = (baseUrl: string): boolean =>
  /(^|\.)(openai\.com|azure\.com)$/.test(new URL(baseUrl).hostname);
