import OpenAI, { APIConnectionError, APIError } from 'openai';
import { z } from 'zod';
import { parseRetryAfter } from './http';
import { UpstreamError } from './upstream-error';

export type ModelRequest<Schema extends z.ZodType = z.ZodType> = {
  name: string;
  /** A plain wire schema: strict objects, nullable, enums, strings, numbers, lists; no defaults or transforms. */
  schema: Schema;
  system: string;
  user: string;
  signal?: AbortSignal;
};
export type ModelReply =
  | { kind: 'answer'; value: unknown; model: string; tokens: number }
  | { kind: 'unusable'; reason: string; model: string; tokens: number };
export type Model = ReturnType<typeof createModel>;

/** No proposal of ours is longer; a model that rambles is cut. */
const MAX_REPLY_TOKENS = 4_000;
const TIMEOUT_MS = 30_000;

/**
 * Any OpenAI-compatible server by Chat Completions. Throws UpstreamError for the transport and for status errors;
 * a refusal or a bad answer is a reply of kind `unusable`. Retries nothing: Temporal owns retries.
 */
export function createModel(options: {
  apiKey?: string;
  baseUrl?: string;
  model: string;
  timeoutMs?: number;
}) {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const client = new OpenAI({
    apiKey: options.apiKey ?? 'none',
    baseURL: options.baseUrl ?? 'https://api.openai.com/v1',
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
  });

  const call = (request: ModelRequest, format: 'json_schema' | 'json_object') => {
    const schema = z.toJSONSchema(request.schema);
    // The client's own time-out ends at the headers; this signal covers a dripping body too.
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
    const inPrompt = `\nAnswer with one JSON object of this JSON Schema:\n${JSON.stringify(schema)}`;
    return client.chat.completions.create(
      {
        model: options.model,
        max_completion_tokens: MAX_REPLY_TOKENS,
        messages: [
          { role: 'system', content: request.system + (format === 'json_object' ? inPrompt : '') },
          { role: 'user', content: request.user },
        ],
        response_format:
          format === 'json_schema'
            ? { type: 'json_schema', json_schema: { name: request.name, schema, strict: true } }
            : { type: 'json_object' },
      },
      { signal },
    );
  };

  return {
    async ask(request: ModelRequest): Promise<ModelReply> {
      try {
        return classify(await withoutSchemaSupport(request), request.schema, options.model);
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason;
        throw toUpstreamError(error);
      }
    },
  };

  /** Servers that know no json_schema answer 400 or 422: one step down the ladder. */
  async function withoutSchemaSupport(request: ModelRequest) {
    try {
      return await call(request, 'json_schema');
    } catch (error) {
      const about = error instanceof APIError && (error.status === 400 || error.status === 422);
      if (!about || !/response_format|json_schema|schema/i.test(error.message)) throw error;
      return call(request, 'json_object');
    }
  }
}

function classify(
  completion: OpenAI.Chat.Completions.ChatCompletion,
  schema: z.ZodType,
  configured: string,
): ModelReply {
  const choice = (
    completion?.choices as OpenAI.Chat.Completions.ChatCompletion.Choice[] | undefined
  )?.[0];
  if (choice === undefined) throw new UpstreamError('model', 'the answer is no chat completion');
  const meta = {
    model: completion.model || configured,
    tokens: completion.usage?.total_tokens ?? 0,
  };
  const unusable = (reason: string): ModelReply => ({ kind: 'unusable', reason, ...meta });
  if (choice.message?.refusal) return unusable('refused');
  if (choice.finish_reason === 'content_filter') return unusable('stopped by a content filter');
  if (choice.finish_reason === 'length') return unusable('cut at the token limit');
  const text = bareJson(choice.message?.content ?? '');
  if (text === '') return unusable('blank');
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success
      ? { kind: 'answer', value: parsed.data, ...meta }
      : unusable(`wrong shape at ${parsed.error.issues[0]?.path.join('.') || 'the root'}`);
  } catch {
    return unusable('no JSON');
  }
}

/** Without one leading think block and one code fence. */
const bareJson = (text: string): string =>
  text
    .replace(/^\s*<think>[\s\S]*?<\/think>/, '')
    .trim()
    .replace(/^```(?:json)?\s*([\s\S]*?)\s*```$/, '$1')
    .trim();

function toUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  if (error instanceof APIConnectionError || !(error instanceof APIError)) {
    return new UpstreamError('model', (error as Error).message, { cause: error });
  }
  const status = error.status as number | undefined;
  return new UpstreamError('model', `answered ${status}: ${error.message.slice(0, 200)}`, {
    status,
    // Waiting does not fill an empty purse; 409 is a passing lock for model servers.
    permanent: error.code === 'insufficient_quota' ? true : status === 409 ? false : undefined,
    retryAfterMs: parseRetryAfter(
      (error.headers as Headers | undefined)?.get('retry-after') ?? null,
    ),
  });
}
