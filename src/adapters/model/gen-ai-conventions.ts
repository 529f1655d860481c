/**
 * Names of OpenTelemetry's GenAI conventions (semantic-conventions-genai, all in development in 2026; renames are
 * under discussion). Prompts and replies are never attributes.
 */
export const GEN_AI = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  outputType: 'gen_ai.output.type',
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  finishReasons: 'gen_ai.response.finish_reasons',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cachedTokens: 'gen_ai.usage.cache_read.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  tokenType: 'gen_ai.token.type',
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
} as const;

/** The instrumentation scope of our spans and metrics. */
export const SCOPE = 'release-prep';

/** Our own attributes: the question, the run of the workflow, the way of structured output. */
export const OWN = {
  question: 'release_prep.question',
  run: 'release_prep.run_id',
  rung: 'release_prep.structured_output',
} as const;

export const GEN_AI_METRIC = {
  duration: 'gen_ai.client.operation.duration',
  tokens: 'gen_ai.client.token.usage',
} as const;

/** Bucket bounds as the conventions advise them. */
export const DURATION_BOUNDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
export const TOKEN_BOUNDS = [
  1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864,
];

/** The provider, by the host of its address; an unknown provider is named by its host. */
export function providerOf(host: string): string {
  if (host === 'api.openai.com') return 'openai';
  if (/\.(openai|cognitiveservices|services\.ai)\.azure\.com$/.test(host)) return 'azure.ai.openai';
  if (host === 'api.deepseek.com') return 'deepseek';
  return host;
}
