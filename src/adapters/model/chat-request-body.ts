import type OpenAI from 'openai';
import type { ChatMessage } from './chat-messages';
import type { OutputMode } from './model-request';
import type { WireSchema } from './wire-schema';

export type Body = OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming;
/** OpenAI's newer models reject `max_tokens`; several compatible servers support only that. */
export type LimitField = 'max_tokens' | 'max_completion_tokens';
/** Extra fields set by the operator for a server, for example `{"thinking": {"type": "disabled"}}`. */
export type ExtraBody = Record<string, unknown>;

export function bodyOf(options: {
  model: string;
  rung: OutputMode;
  name: string;
  schema: WireSchema;
  messages: ChatMessage[];
  limitField: LimitField;
  maxReplyTokens: number;
  extra: ExtraBody;
}): Body {
  return {
    ...options.extra,
    model: options.model,
    messages: options.messages,
    [options.limitField]: options.maxReplyTokens,
    ...formatOf(options.rung, options.name, options.schema),
  };
}

function formatOf(rung: OutputMode, name: string, schema: WireSchema): Partial<Body> {
  switch (rung) {
    case 'json_schema':
      return {
        response_format: { type: 'json_schema', json_schema: { name, schema, strict: true } },
      };
    case 'tool':
      return {
        tools: [{ type: 'function', function: { name, parameters: schema, strict: true } }],
        tool_choice: { type: 'function', function: { name } },
      };
    case 'json_object':
      return { response_format: { type: 'json_object' } };
    case 'text':
      return {};
  }
}
