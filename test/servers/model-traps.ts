/** Known habits of compatible servers (docs/models.md says of which, and how each is known). */
import { answer, completion, isProbe, refuseFormat, sendJson, type Behaviour } from './model';

/** 429 with the given way of asking for a pause, for the first `times` calls. */
export const busy =
  (headers: Record<string, string>, then: Behaviour, times = Infinity): Behaviour =>
  (call, response) =>
    call.nth <= times
      ? sendJson(response, { error: { message: 'slow down' } }, 429, headers)
      : then(call, response);

/** Takes every schema and every tool, and keeps to none (Ollama on some back ends, LM Studio's other API). */
export const ignoresSchema =
  (value: unknown): Behaviour =>
  (call, response) =>
    isProbe(call)
      ? sendJson(response, completion(call, { content: '{"colour": "blue"}' }))
      : sendJson(response, completion(call, { content: JSON.stringify(value) }));

/** Knows function calling alone. */
export const toolsOnly =
  (value: unknown): Behaviour =>
  (call, response) => {
    if (call.body.response_format !== undefined) {
      return refuseFormat(response, 'response_format is not supported by this model');
    }
    return answer(call, response, isProbe(call) && call.body.tools ? { colour: 'red' } : value);
  };

/** DeepSeek: no json_schema, no forced tool while thinking; `json_object` needs the word JSON in the prompt. */
export const jsonObjectOnly =
  (value: unknown): Behaviour =>
  (call, response) => {
    if (call.body.response_format?.type === 'json_schema') {
      return refuseFormat(response, 'This response_format type is unavailable now');
    }
    if (call.body.tool_choice !== undefined) {
      return refuseFormat(response, 'deepseek-reasoner does not support this tool_choice');
    }
    if (call.body.response_format && !/json/i.test(call.body.messages.map((m) => m.content).join()))
      return refuseFormat(response, "Prompt must contain the word 'json'");
    return answer(call, response, isProbe(call) ? { colour: 'blue' } : value);
  };

/** LM Studio with a model that follows no schema: `json_object` is a 400. */
export const lmStudio =
  (value: unknown): Behaviour =>
  (call, response) => {
    if (call.body.response_format?.type === 'json_object') {
      const error = "'response_format.type' must be 'json_schema' or 'text'";
      return sendJson(response, { error }, 400);
    }
    return ignoresSchema(value)(call, response);
  };

/** A server that takes every form and answers non-JSON as blanks, with `stop`. */
export const blanks: Behaviour = (call, response) =>
  sendJson(response, completion(call, { content: ' '.repeat(400) + '\n' }));

/** A proxy's page with status 200. */
export const page: Behaviour = (_call, response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in');
};

/** Headers at once, then a byte now and then, for ever. */
export const drips: Behaviour = (_call, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};

/** Half a body, then nothing. */
export const cuts: Behaviour = (_call, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"choices":[{"mess');
  setTimeout(() => response.destroy(), 10);
};

/** Cuts the prompt to its context without a word, as Ollama's `/v1` does at 4,096 tokens. */
export const truncates =
  (value: unknown, context: number): Behaviour =>
  (call, response) =>
    sendJson(
      response,
      completion(
        call,
        { content: JSON.stringify(isProbe(call) ? { colour: 'red' } : value) },
        {
          usage: {
            prompt_tokens: Math.min(context, Math.ceil(call.text.length / 4)),
            completion_tokens: 5,
            total_tokens: context + 5,
          },
        },
      ),
    );
export type Trap = Behaviour;
