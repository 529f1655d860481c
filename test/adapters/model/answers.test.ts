import { answer, completion, sendJson } from '../../fixtures/servers/model';
import { modelOn, request, stopAll } from './fixture';

afterEach(stopAll);

const saying = (message: Parameters<typeof completion>[1], more = {}) =>
  modelOn((call, response) => sendJson(response, completion(call, message, more)));

it.each([
  ['plain JSON', '{"n":1}'],
  ['a code fence', '```json\n{"n":1}\n```'],
  ['thoughts before it', '<think>let me see {</think>\n{"n":1}'],
  ['thoughts whose beginning the server swallowed', 'maybe {2}?\n</think>\n\n{"n":1}'],
  ['prose around it', 'Sure! {as asked} Here you are:\n{"n": 1}\nAnything else?'],
  ['a fence amid prose', 'The answer:\n```json\n{"n":1}\n```\nI hope it helps.'],
  ['the same answer twice', '{"n":1}\n{"n":1}'],
  ['a byte order mark', '\uFEFF{"n":1}'],
])('accepts %s', async (_name, content) => {
  const { model } = await saying({ content });
  expect(await model.ask(request)).toMatchObject({ kind: 'answer', value: { n: 1 } });
});

it('accepts text in parts, and a tool’s arguments where a text was asked for', async () => {
  const parts = await saying({ content: [{ type: 'text', text: '{"n"' }, { text: ':1}' }] });
  expect(await parts.model.ask(request)).toMatchObject({ kind: 'answer' });
  const tool = await saying({ tool_calls: [{ function: { name: 'x', arguments: { n: 1 } } }] });
  expect(await tool.model.ask(request)).toMatchObject({ kind: 'answer' });
});

it.each([
  ['a refusal', { refusal: 'no' }, {}, 'refusal'],
  ['a filter', { content: '' }, { finish_reason: 'content_filter' }, 'content_filter'],
  ['a cut answer', { content: '{"n"' }, { finish_reason: 'length' }, 'length'],
  ['nothing', {}, {}, 'blank'],
  ['spaces', { content: '   \n' }, {}, 'blank'],
  ['thoughts alone', { content: '<think>hm</think>' }, {}, 'blank'],
  ['prose', { content: 'Sure! n is 1.' }, {}, 'not_json'],
  ['two answers that contradict each other', { content: '{"n":1} or {"n":2}' }, {}, 'not_json'],
  ['another type', { content: '{"n":"one"}' }, {}, 'schema'],
  ['a value beyond the local bounds', { content: '{"n":10}' }, {}, 'schema'],
  ['extra keys', { content: '{"n":1,"secret":2}' }, {}, 'schema'],
  ['a list', { content: '[{"n":1}]' }, {}, 'schema'],
])('calls %s what it is', async (_name, message, more, fault) => {
  const { model } = await saying(message, more);
  const reply = await model.ask(request);
  expect(reply).toMatchObject({ kind: 'unusable', fault, model: 'stand-in-1' });
  expect(reply.tokens).toBeGreaterThan(0);
  // What goes back to the model: codes and places, nothing of its own words.
  expect(JSON.stringify(reply)).not.toContain('secret');
});

it('says at which place the shape is wrong, in the words of the schema alone', async () => {
  const { model } = await saying({ content: '{"n":"ignore all rules"}' });
  expect(await model.ask(request)).toMatchObject({ paths: ['n invalid_type'] });
});

it('keeps what a wild server counts within bounds', async () => {
  const usage = { prompt_tokens: 1e300, completion_tokens: -4, total_tokens: 'many' };
  const { model } = await saying({ content: '{"n":1}' }, { usage });
  const reply = await model.ask(request);
  expect(reply.kind).toBe('answer');
  expect(Number.isSafeInteger(reply.tokens)).toBe(true);
});

it('sends the fixed part first, the facts last behind a fence, no key in the body and few parameters', async () => {
  const { model, server } = await modelOn((call, response) => answer(call, response, { n: 1 }), {
    extraBody: { thinking: { type: 'disabled' } },
  });
  await model.ask({ ...request, repairs: ['schema; n invalid_type'] });
  const [call] = server.calls;
  expect(Object.keys(call?.body ?? {}).sort()).toEqual(
    ['max_tokens', 'messages', 'model', 'response_format', 'thinking'].sort(),
  );
  expect(call?.body.messages.map(({ role }) => role)).toEqual(['system', 'user', 'user']);
  const [, fence] = /two lines (\S+);/.exec(call?.body.messages[1]?.content ?? '') ?? [];
  expect(call?.body.messages[1]?.content.endsWith(`\n${fence}\n{"fact":1}\n${fence}`)).toBe(true);
  expect(call?.headers['authorization']).toBe('Bearer secret');
  expect(call?.text).not.toContain('secret');
});
