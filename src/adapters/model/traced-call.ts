import { metrics, SpanKind, SpanStatusCode, trace, type Attributes } from '@opentelemetry/api';
import { UpstreamError } from '../upstream/upstream-error';
import { recordRequest } from '../upstream/upstream-metrics';
import { usageOf, type Completion } from './completion';
import {
  DURATION_BOUNDS,
  GEN_AI,
  GEN_AI_METRIC,
  OWN,
  providerOf,
  SCOPE,
  TOKEN_BOUNDS,
} from './gen-ai-conventions';
import type { OutputMode } from './model-request';

export type TracedCall = {
  model: string;
  baseUrl: string;
  rung: OutputMode;
  maxReplyTokens: number;
  question: string;
  run?: string;
};

/** One paid call as a client span with its tokens and duration; does nothing without an OpenTelemetry SDK. */
export async function traced(
  call: TracedCall,
  send: () => Promise<Completion>,
): Promise<Completion> {
  const url = new URL(call.baseUrl);
  const common: Attributes = {
    [GEN_AI.operation]: 'chat',
    [GEN_AI.provider]: providerOf(url.hostname),
    [GEN_AI.requestModel]: call.model,
    [GEN_AI.serverAddress]: url.hostname,
    [GEN_AI.serverPort]: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  };
  const span = trace.getTracer(SCOPE).startSpan(`chat ${call.model}`, {
    kind: SpanKind.CLIENT,
    attributes: {
      ...common,
      [GEN_AI.outputType]: 'json',
      [GEN_AI.requestMaxTokens]: call.maxReplyTokens,
      [OWN.question]: call.question,
      [OWN.run]: call.run,
      [OWN.rung]: call.rung,
    },
  });
  const start = performance.now();
  let errorType: string | undefined;
  try {
    const completion = await send();
    recordRequest('model', 200, start);
    span.setAttributes(responseAttributes(completion));
    recordTokens(completion, common);
    return completion;
  } catch (error) {
    errorType = errorTypeOf(error);
    recordRequest('model', statusOf(error), start);
    span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute(GEN_AI.errorType, errorType);
    throw error;
  } finally {
    const attributes =
      errorType === undefined ? common : { ...common, [GEN_AI.errorType]: errorType };
    durations().record((performance.now() - start) / 1000, attributes);
    span.end();
  }
}

/** The HTTP status, or our own code; never the message, which may quote the prompt. */
const errorTypeOf = (error: unknown): string =>
  error instanceof UpstreamError ? String(error.status ?? error.fault ?? 'transport') : 'cancelled';

const statusOf = (error: unknown) =>
  error instanceof UpstreamError ? (error.status ?? 'error') : 'cancelled';

function responseAttributes(completion: Completion): Attributes {
  const usage = usageOf(completion);
  return {
    [GEN_AI.responseModel]: completion.model ?? undefined,
    [GEN_AI.responseId]: completion.id ?? undefined,
    [GEN_AI.finishReasons]: completion.choices.map(({ finish_reason: why }) => why ?? 'none'),
    [GEN_AI.inputTokens]: usage.input,
    [GEN_AI.outputTokens]: usage.output,
    [GEN_AI.cachedTokens]: usage.cachedInput,
    [GEN_AI.reasoningTokens]: usage.reasoning,
  };
}

function recordTokens(completion: Completion, common: Attributes): void {
  const { input, output } = usageOf(completion);
  tokens().record(input, { ...common, [GEN_AI.tokenType]: 'input' });
  tokens().record(output, { ...common, [GEN_AI.tokenType]: 'output' });
}

/** Looked up at each use: an SDK may be registered after this file is loaded. */
const durations = () =>
  metrics.getMeter(SCOPE).createHistogram(GEN_AI_METRIC.duration, {
    unit: 's',
    advice: { explicitBucketBoundaries: DURATION_BOUNDS },
  });
const tokens = () =>
  metrics.getMeter(SCOPE).createHistogram(GEN_AI_METRIC.tokens, {
    unit: '{token}',
    advice: { explicitBucketBoundaries: TOKEN_BOUNDS },
  });
