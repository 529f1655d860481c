import { readFileSync } from 'node:fs';
import path from 'node:path';
import { modelOf } from '../../../src/bootstrap/create-deps';
import { parseConfig } from '../../../src/config/config';
import { answer } from '../../fixtures/servers/model';
import { modelOn, request, stopAll } from './fixture';

afterEach(stopAll);

const SERVERS = [
  ...['OpenAI', 'Azure OpenAI', 'DeepSeek', 'Qwen (DashScope)', 'vLLM', 'Ollama'],
  ...['llama.cpp', 'LM Studio'],
];

/** The table of docs/models.md: server → its settings and how it is known. */
const rows = new Map(
  readFileSync(path.resolve(__dirname, '../../../docs/models.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.split(' | ').length === 4)
    .map((line) => line.slice(2, -2).split(' | '))
    .map(([server = '', settings = '', , known = '']) => [server, { settings, known }] as const),
);

/** `NAME=VALUE` as the table gives them; a name alone stands for a value of the reader's own. */
const settingsIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/`([A-Z_]+)(?:=([^`]+))?`/g)].map(([, name = '', value = 'own']) => [
      name,
      value,
    ]),
  );

it.each(SERVERS)(
  '%s: the settings that the table gives are a configuration with a model',
  (server) => {
    const row = rows.get(server);
    expect(row?.known).toMatch(/imitated|documented/);
    const config = parseConfig(settingsIn(row?.settings ?? ''));
    expect(config.OPENAI_BASE_URL ?? config.OPENAI_API_KEY).toBeDefined();
    expect(modelOf(config)).toBeDefined();
  },
);

it.each([
  ['DeepSeek', { thinking: { type: 'disabled' } }],
  ['Qwen (DashScope)', { enable_thinking: false }],
])('%s: what the table adds to requests goes over the wire', async (server, extra) => {
  const { LLM_EXTRA_BODY: extraBody } = parseConfig(settingsIn(rows.get(server)?.settings ?? ''));
  const { model, server: stand } = await modelOn(
    (call, response) => answer(call, response, { n: 1 }),
    {
      extraBody,
    },
  );
  await model.ask(request);
  expect(stand.calls[0]?.body).toMatchObject(extra);
});

it('asks nobody with LLM_MODE=off, or with neither key nor address', () => {
  expect(modelOf(parseConfig({ LLM_MODE: 'off', OPENAI_API_KEY: 'k' }))).toBeUndefined();
  expect(modelOf(parseConfig({}))).toBeUndefined();
});
