import { OUTPUT_MODES } from '../../../src/adapters/model/model-request';
import { createModel } from '../../../src/adapters/model/model';
import {
  answer,
  refuseFormat,
  sendJson,
  strictServer,
  type Behaviour,
} from '../../fixtures/servers/model';
import * as traps from '../../fixtures/servers/model-traps';
import { modelOn, request, stopAll } from './fixture';

afterEach(stopAll);

const value = { n: 1 };
const strict = strictServer((call, response) => answer(call, response, value));
const auto = { structuredOutput: undefined };

it.each([
  ['a server that binds answers to schemas', strict, 'json_schema', 1],
  ['a server that ignores schemas silently', traps.ignoresSchema(value), 'json_object', 3],
  ['a server of tools alone', traps.toolsOnly(value), 'tool', 2],
  ['a server of json_object alone', traps.jsonObjectOnly(value), 'json_object', 3],
  ['LM Studio with a weak model', traps.lmStudio(value), 'text', 3],
] as const)('finds the rung of %s by probes, once', async (_name, behaviour, rung, probes) => {
  const { model, server, settings } = await modelOn(behaviour, auto);
  const first = await model.ask(request);
  expect(first).toMatchObject({ kind: 'answer', value, rung });
  expect(server.calls).toHaveLength(probes + 1);
  expect(await model.ask({ ...request, user: '2' })).toMatchObject({ rung });
  // Another process with the same folder does not probe again.
  expect(await createModel(settings).ask({ ...request, user: '3' })).toMatchObject({ rung });
  expect(server.calls).toHaveLength(probes + 3);
});

it('probes once for three activities that start together, and books the probe once', async () => {
  const { model, server } = await modelOn(strict, auto);
  const asks = ['1', '2', '3'].map((user) => model.ask({ ...request, user }));
  const tokens = (await Promise.all(asks)).map((reply) => reply.tokens);
  expect(server.calls).toHaveLength(4);
  expect(new Set(tokens).size).toBe(2);
});

it('leaves a probe to the others when one caller is cancelled', async () => {
  const { model } = await modelOn((call, response) => {
    setTimeout(() => strict(call, response), 100);
  }, auto);
  const controller = new AbortController();
  const cancelled = model.ask({ ...request, signal: controller.signal });
  const other = model.ask({ ...request, user: '2' });
  controller.abort(new Error('cancelled'));
  await expect(cancelled).rejects.toThrow('cancelled');
  expect(await other).toMatchObject({ kind: 'answer' });
});

it('does not remember a probe that the transport failed', async () => {
  let broken = true;
  const { model } = await modelOn((call, response) => {
    if (broken) return sendJson(response, {}, 503);
    return strict(call, response);
  }, auto);
  await expect(model.ask(request)).rejects.toMatchObject({ status: 503 });
  broken = false;
  expect(await model.ask(request)).toMatchObject({ rung: 'json_schema' });
});

it('steps down from a configured rung that the server refuses, and stays down', async () => {
  const { model, server } = await modelOn(traps.jsonObjectOnly(value));
  expect(await model.ask(request)).toMatchObject({ kind: 'answer', rung: 'json_object' });
  expect(server.calls).toHaveLength(3);
  await model.ask({ ...request, user: '2' });
  expect(server.calls).toHaveLength(4);
});

it('does not step down for a prompt that is too long', async () => {
  const { model, server } = await modelOn((_call, response) =>
    refuseFormat(response, "This model's maximum context length is 8192 tokens"),
  );
  await expect(model.ask(request)).rejects.toMatchObject({ permanent: true });
  expect(server.calls).toHaveLength(1);
});

it('remembers no rung when every one of them is refused', async () => {
  let broken = true;
  const { model } = await modelOn((call, response) => {
    if (broken) return refuseFormat(response, 'no such model');
    return answer(call, response, value);
  });
  await expect(model.ask(request)).rejects.toMatchObject({ permanent: true, fault: 'rejected' });
  broken = false;
  expect(await model.ask(request)).toMatchObject({ rung: 'json_schema' });
});

it('learns the name that a server has for the limit of tokens', async () => {
  const { model, server } = await modelOn((call, response) => {
    if (call.body.max_tokens !== undefined) {
      return refuseFormat(response, "'max_tokens' is not supported, use 'max_completion_tokens'");
    }
    return answer(call, response, value);
  });
  expect(await model.ask(request)).toMatchObject({ kind: 'answer', rung: 'json_schema' });
  await model.ask({ ...request, user: '2' });
  expect(server.calls).toHaveLength(3);
});

it.each(OUTPUT_MODES)('judges an answer alike on the rung %s', async (structuredOutput) => {
  const replies: unknown[] = [{ n: 1 }, { n: 10 }, { n: 1, m: 2 }, '{"n"', 'no'];
  const behaviour: Behaviour = (call, response) => answer(call, response, replies[call.nth - 1]);
  const { model, server } = await modelOn(behaviour, { structuredOutput });
  const told: string[] = [];
  for (const [index] of replies.entries()) {
    const reply = await model.ask({ ...request, user: String(index) });
    told.push(reply.kind === 'answer' ? 'answer' : reply.fault);
  }
  expect(told).toEqual(['answer', 'schema', 'schema', 'not_json', 'not_json']);
  const schemaInPrompt = server.calls[0]?.body.messages[0]?.content.includes('JSON Schema');
  expect(schemaInPrompt).toBe(structuredOutput === 'json_object' || structuredOutput === 'text');
});
