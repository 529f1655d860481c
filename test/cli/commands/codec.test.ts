import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { parseNamedKeys } from '../../../src/adapters/named-key';
import { startCodecServer, type CodecServer } from '../../../src/codec/server';
import { createDataConverter } from '../../../src/temporal/data-converter';
import { ExternalStorageRunner } from '../../../src/temporal/sdk-internals';

const UI = 'http://127.0.0.1:8233';
const TOKEN = 'token-of-the-codec-endpoint';
const folder = mkdtempSync('/tmp/release-prep-codec-');
const { keys } = parseNamedKeys(`k1:${randomBytes(32).toString('base64')}`);
const converter = createDataConverter({ url: `file:${folder}`, index: 'unused' }, keys);
const faults: string[] = [];
let open: CodecServer;
let guarded: CodecServer;
beforeAll(async () => {
  const common = {
    ...{ host: '127.0.0.1', port: 0, converter, allowedOrigins: [UI] },
    onFault: (reason: string) => void faults.push(reason),
  };
  open = await startCodecServer(common);
  guarded = await startCodecServer({ ...common, token: TOKEN });
});
afterAll(async () => {
  await open.stop();
  await guarded.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Wire = { metadata: Record<string, string>; data: string };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const plain = (value: unknown): Wire => ({
  metadata: { encoding: base64('json/plain') },
  data: base64(JSON.stringify(value)),
});
const wireOf = ({ metadata, data }: Payload): Wire => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64'),
    ]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
const ask = (server: CodecServer, way: string, body: unknown, headers = {}) =>
  fetch(`${server.url}/${way}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-namespace': 'default', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const payloadsOf = async (response: Response) =>
  ((await response.json()) as { payloads: Wire[] }).payloads;

it('encodes as this configuration writes, and decodes it again', async () => {
  const asked = [plain({ service: 'a' }), plain('b')];
  const headers = { authorization: `Bearer ${TOKEN}` };
  const encoded = await payloadsOf(await ask(guarded, 'encode', { payloads: asked }, headers));
  expect(encoded.map(({ metadata }) => metadata['encoding'])).toEqual(
    Array(2).fill(base64('binary/encrypted')),
  );
  expect(await payloadsOf(await ask(open, 'decode', { payloads: encoded }))).toEqual(asked);
});

it('encodes nothing without a token: a payload under our key is believed by every worker', async () => {
  const answer = await ask(open, 'encode', { payloads: [plain('forged')] });
  expect(answer.status).toBe(403);
  expect(await answer.text()).toContain('CODEC_TOKEN');
  expect((await ask(guarded, 'encode', { payloads: [plain('forged')] })).status).toBe(401);
});

it.each([
  ['7 million wrong payloads', `{"payloads":[${'0,'.repeat(7_000_000)}0]}`],
  [
    '40,000 payloads of nothing',
    `{"payloads":[${'{"metadata":{"a":"","b":"","c":""}},'.repeat(80_000)}{}]}`,
  ],
  [
    'metadata of 100,000 keys',
    `{"payloads":[{"metadata":{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":0`).join()}}}]}`,
  ],
  ['20,000 levels', `{"payloads":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
])('refuses %s at once', async (_, body) => {
  const began = process.cpuUsage();
  expect((await ask(open, 'decode', body)).status).toBe(400);
  expect(process.cpuUsage(began).user).toBeLessThan(2_000_000);
});

it('refuses more bytes at once than its memory has room for, and answers afterwards', async () => {
  const body = JSON.stringify({ payloads: [{ data: 'a'.repeat(15_000_000) }] });
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(open, 'decode', body)));
  expect(
    answers.map(({ status }) => status).filter((status) => ![200, 503].includes(status)),
  ).toEqual([]);
  expect((await ask(open, 'decode', { payloads: [plain(1)] })).status).toBe(200);
});

it('resolves what lies with the issues, which is encrypted there', async () => {
  const value = 'x'.repeat(400_000);
  const [codec] = converter.payloadCodecs ?? [];
  const encrypted = await codec?.encode([defaultPayloadConverter.toPayload(value)]);
  const stored = await new ExternalStorageRunner(
    converter.externalStorage as NonNullable<typeof converter.externalStorage>,
  ).store(encrypted ?? []);
  expect(readdirSync(`${folder}/payloads`)).toHaveLength(1);
  const reference = {
    ...wireOf(stored[0] as Payload),
    externalPayloads: [{ sizeBytes: '400100' }],
  };
  expect(reference.data.length).toBeLessThan(1_000);
  expect(await payloadsOf(await ask(open, 'decode', { payloads: [reference] }))).toEqual([
    plain(value),
  ]);
});

it('resolves at most 64 MiB and the payload that passes it, whatever the references say of their sizes', async () => {
  const [stored] = await new ExternalStorageRunner(
    converter.externalStorage as NonNullable<typeof converter.externalStorage>,
  ).store([defaultPayloadConverter.toPayload('y'.repeat(30 * 1024 * 1024))]);
  const { metadata, data } = wireOf(stored as Payload);
  const references = [{}, { externalPayloads: [{ sizeBytes: '-1000000000' }] }, {}, {}];
  const payloads = references.map((said) => ({ metadata, data, ...said }));
  const answered = await payloadsOf(await ask(open, 'decode', { payloads }));
  expect(answered.map((one) => one.data.length > 1_000_000)).toEqual([true, true, true, false]);
});

it('leaves one that it cannot read as it is, beside those that it can, and says why', async () => {
  const foreign = {
    metadata: { encoding: base64('binary/encrypted'), 'encryption-key-id': base64('gone') },
    data: base64('x'.repeat(40)),
  };
  const huge = { ...plain(1), externalPayloads: [{ sizeBytes: '100000000' }] };
  const answered = await ask(open, 'decode', { payloads: [foreign, huge, plain(2)] });
  const [first, second, third] = await payloadsOf(answered);
  expect(first).toEqual(foreign);
  expect(second).toMatchObject(plain(1));
  expect(third).toEqual(plain(2));
  expect(faults.join('\n')).toMatch(
    /the key "gone", and the configured keys are k1[^]*bytes in one answer/,
  );
});

describe('who may ask', () => {
  const body = { payloads: [] };
  it('a page of the configured origin, by CORS', async () => {
    const preflight = await fetch(`${open.url}/decode`, {
      method: 'OPTIONS',
      headers: { origin: UI, 'access-control-request-headers': 'content-type,x-namespace' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(UI);
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/X-Namespace/);
    const answered = await ask(open, 'decode', body, { origin: UI });
    expect(answered.status).toBe(200);
    expect(answered.headers.get('access-control-allow-origin')).toBe(UI);
  });

  it('no page of another origin, whatever it sends', async () => {
    const answered = await ask(open, 'decode', body, { origin: 'http://evil.example.com' });
    expect(answered.status).toBe(403);
    expect(answered.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('with a token, only who has it', async () => {
    const status = async (headers: object) => (await ask(guarded, 'decode', body, headers)).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: `Bearer ${TOKEN}x` })).toBe(401);
    expect(await status({ authorization: `Bearer ${TOKEN}` })).toBe(200);
  });
});

it('answers bad requests with what is wrong, and stays up', async () => {
  expect((await ask(open, 'decode', 'no json')).status).toBe(400);
  expect((await ask(open, 'decode', { payloads: [{ data: '%%%' }] })).status).toBe(400);
  expect((await ask(open, 'other', {})).status).toBe(404);
  expect((await fetch(`${open.url}/decode`)).status).toBe(404);
  expect((await ask(open, 'decode', `"${'x'.repeat(17 * 1024 * 1024)}"`)).status).toBe(413);
  expect((await fetch(`${open.url}/healthz`)).status).toBe(200);
});
