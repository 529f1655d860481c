/** TEST STAND-INS for OpenAI-compatible servers, with the habits that are known of real ones: none can be had here. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { onLoopback } from './loopback';

export type ChatBody = {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: { type: string; json_schema?: { name: string; schema: unknown } };
  tools?: { function: { name: string; parameters: unknown } }[];
  tool_choice?: unknown;
  max_tokens?: number;
  max_completion_tokens?: number;
  [extra: string]: unknown;
};
export type Call = { body: ChatBody; text: string; headers: IncomingHttpHeaders; nth: number };
export type Behaviour = (call: Call, response: ServerResponse) => void;

/** Serves one behaviour on a free loopback port and keeps what it was asked. */
export async function serveModel(behaviour: Behaviour) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body = JSON.parse(text) as ChatBody;
      const call = { body, text, headers: request.headers, nth: calls.length + 1 };
      calls.push(call);
      behaviour(call, response);
    });
  });
  return {
    ...(await onLoopback(server)),
    calls,
    /** Without probes. */
    asked: () => calls.filter((call) => !isProbe(call)),
  };
}

export const isProbe = ({ text }: Call): boolean => text.includes('{\\"colour\\": \\"blue\\"}');

type Message = {
  content?: unknown;
  refusal?: string;
  tool_calls?: unknown;
  [extra: string]: unknown;
};
type Usage = Record<string, unknown> | null;

/** A chat completion; the prompt is counted as a real tokenizer would, at about 4 characters a token. */
export function completion(
  call: Call,
  message: Message,
  more: { finish_reason?: string; usage?: Usage } = {},
) {
  const prompt = Math.ceil(call.text.length / 4);
  return {
    id: `chatcmpl-${call.nth}`,
    object: 'chat.completion',
    created: 1,
    model: 'stand-in-1',
    choices: [
      {
        index: 0,
        finish_reason: more.finish_reason ?? 'stop',
        message: { role: 'assistant', content: null, ...message },
      },
    ],
    usage:
      more.usage === undefined
        ? { prompt_tokens: prompt, completion_tokens: 10, total_tokens: prompt + 10 }
        : more.usage,
  };
}

export function sendJson(response: ServerResponse, body: unknown, status = 200, headers = {}) {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
}

export const refuseFormat = (response: ServerResponse, message: string): void =>
  sendJson(response, { error: { message, type: 'invalid_request_error' } }, 400);

/** Answers in the place that was asked for: a forced tool's arguments, else the text. */
export function answer(call: Call, response: ServerResponse, value: unknown): void {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const [tool] = call.body.tools ?? [];
  const message =
    tool === undefined
      ? { content: text }
      : {
          tool_calls: [
            { id: 't1', type: 'function', function: { name: tool.function.name, arguments: text } },
          ],
        };
  sendJson(response, completion(call, message));
}

/** A server that binds its answers to schemas, as OpenAI does; `reply` answers everything but the probe. */
export const strictServer =
  (reply: Behaviour): Behaviour =>
  (call, response) => {
    if (!isProbe(call)) return reply(call, response);
    const bound = call.body.response_format?.type === 'json_schema' || call.body.tools;
    return answer(call, response, { colour: bound ? 'red' : 'blue' });
  };

export type ModelMode = 'answer' | 'refuse' | 'down';

/** Answers each schema with something that adds to the knowledge base, refuses, or answers 500. */
export async function startModel(mode: ModelMode) {
  const server = await serveModel((call, response) => {
    if (mode === 'down') return sendJson(response, { error: { message: 'overloaded' } }, 500);
    if (mode === 'answer')
      return strictServer((asked) => answer(asked, response, proposalFor(asked)))(call, response);
    return strictServer((asked) =>
      sendJson(response, completion(asked, { refusal: 'I cannot help with that.' })),
    )(call, response);
  });
  return { url: server.url, stop: server.stop, calls: () => server.calls.length };
}

/** One proposal a schema, with an invented id beside each real one: code must drop those. */
function proposalFor({ body }: Call): unknown {
  const name = body.response_format?.json_schema?.name ?? body.tools?.[0]?.function.name ?? '';
  if (name === 'risks') {
    const risk = {
      severity: 'critical',
      likelihood: 'high',
      evidence: ['change:minor', 'chain:no->where'],
      reason: 'The stand-in says so.',
    };
    return {
      risks: [
        { id: 'memory-leak', ...risk },
        { id: 'alien-invasion', ...risk },
      ],
    };
  }
  if (name === 'gray_plan') {
    const reason = 'The stand-in says so.';
    return {
      order: ['h6', 'h99', 'h6'],
      batches: [
        { batch_id: 1, observation_seconds: 900, reason },
        { batch_id: 99, observation_seconds: 1, reason },
      ],
    };
  }
  if (name === 'metric_thresholds') {
    return {
      rules: [
        { id: 'r1', threshold: 1e12 },
        { id: 'r99999', threshold: 0 },
      ],
    };
  }
  return { groups: [{ name: 'Memory', metrics: ['m1', 'm99999', 'nonsense'] }] };
}
