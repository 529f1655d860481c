import { z } from 'zod';

const Count = z.number().nonnegative().nullish().catch(undefined);
const TextPart = z.looseObject({ type: z.string().nullish(), text: z.string().nullish() });
const ToolCall = z.looseObject({
  function: z.looseObject({ name: z.string().nullish(), arguments: z.unknown() }).nullish(),
});

/** The parts of a chat completion that are used; tolerant, because compatible servers differ. */
export const Completion = z.looseObject({
  id: z.string().nullish().catch(undefined),
  model: z.string().nullish().catch(undefined),
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullish().catch(undefined),
        message: z.looseObject({
          content: z.union([z.string(), z.array(TextPart)]).nullish(),
          refusal: z.string().nullish().catch(undefined),
          tool_calls: z.array(ToolCall).nullish(),
        }),
      }),
    )
    .min(1),
  usage: z
    .looseObject({
      prompt_tokens: Count,
      completion_tokens: Count,
      total_tokens: Count,
      /** DeepSeek's name for cached tokens. */
      prompt_cache_hit_tokens: Count,
      prompt_tokens_details: z.looseObject({ cached_tokens: Count }).nullish().catch(undefined),
      completion_tokens_details: z
        .looseObject({ reasoning_tokens: Count })
        .nullish()
        .catch(undefined),
    })
    .nullish()
    .catch(undefined),
});
export type Completion = z.infer<typeof Completion>;

/** Tokens of one call; 0 if the server does not report them. */
export type Usage = {
  input: number;
  output: number;
  total: number;
  cachedInput: number;
  reasoning: number;
};

/** A server's wrong count must not make a result invalid. */
const MAX_COUNT = 1_000_000_000;
const count = (value: number | null | undefined): number =>
  Math.min(MAX_COUNT, Math.round(value ?? 0));

export function usageOf({ usage }: Completion): Usage {
  const input = count(usage?.prompt_tokens);
  const output = count(usage?.completion_tokens);
  return {
    input,
    output,
    total: count(usage?.total_tokens ?? input + output),
    cachedInput: count(
      usage?.prompt_tokens_details?.cached_tokens ?? usage?.prompt_cache_hit_tokens,
    ),
    reasoning: count(usage?.completion_tokens_details?.reasoning_tokens),
  };
}
