import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { createEncryptionCodec } from '../../../src/adapters/payload-codec/encryption-codec';
import { parseNamedKeys } from '../../../src/adapters/named-key';

const entry = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const keysOf = (...entries: string[]) => {
  const { keys, errors } = parseNamedKeys(entries.join(','));
  expect(errors).toEqual([]);
  return keys;
};
const [K1, K2] = [entry('k1'), entry('k2')];
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload | undefined): unknown =>
  defaultPayloadConverter.fromPayload(payload as Payload);
const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('utf8');
const encrypted = async (value: unknown, ...entries: string[]) =>
  (await createEncryptionCodec(keysOf(...entries)).encode([payloadOf(value)]))[0] as Payload;

describe('encrypted payloads', () => {
  it('are read again, whatever they hold, and never alike', async () => {
    const codec = createEncryptionCodec(keysOf(K1));
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ depthSize: 'medium' }), async (value) => {
        const [a, b] = await codec.encode([payloadOf(value), payloadOf(value)]);
        expect(text(a?.data)).not.toEqual(text(b?.data));
        const json = JSON.stringify(value);
        expect((await codec.decode([a as Payload])).map(valueOf)).toEqual([JSON.parse(json)]);
      }),
      { numRuns: 50 },
    );
  });

  it('show the key’s id and the encoding that Temporal’s tools know, and nothing of the content', async () => {
    const payload = await encrypted({ service: 'checkout-api' }, K1);
    expect(Object.keys(payload.metadata ?? {})).toEqual(['encoding', 'encryption-key-id']);
    expect(text(payload.metadata?.['encoding'])).toBe('binary/encrypted');
    expect(text(payload.metadata?.['encryption-key-id'])).toBe('k1');
    expect(text(payload.data)).not.toMatch(/checkout|json\/plain/);
  });

  it('are read with an old key after a rotation, while the new one encrypts', async () => {
    const old = await encrypted('old', K1);
    const rotated = createEncryptionCodec(keysOf(K2, K1));
    expect((await rotated.decode([old])).map(valueOf)).toEqual(['old']);
    const [fresh] = await rotated.encode([payloadOf('new')]);
    expect(text(fresh?.metadata?.['encryption-key-id'])).toBe('k2');
  });

  it('need their key: the error names its id and the variable', async () => {
    const payload = await encrypted('x', K1);
    await expect(createEncryptionCodec(keysOf(K2)).decode([payload])).rejects.toThrow(
      /encrypted with the key "k1", and the configured keys are k2: add that key to PAYLOAD_ENCRYPTION_KEYS/,
    );
    await expect(createEncryptionCodec([]).decode([payload])).rejects.toThrow(
      /"k1", and no key is configured here/,
    );
  });

  it('fail when any byte, the id or the length was changed', async () => {
    const codec = createEncryptionCodec(keysOf(K1, K2));
    const payload = await encrypted({ a: 1 }, K1);
    const data = Buffer.from(payload.data ?? []);
    for (let at = 0; at < data.length; at += 1) {
      const changed = Buffer.from(data);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(codec.decode([{ ...payload, data: changed }])).rejects.toThrow(/cannot be read/);
    }
    for (const length of [0, 12, 27, data.length - 1])
      await expect(codec.decode([{ ...payload, data: data.subarray(0, length) }])).rejects.toThrow(
        /cannot be read/,
      );
  });

  it('are bound to the id of their key: the same bytes under another id are refused', async () => {
    const same = randomBytes(32).toString('base64');
    const codec = createEncryptionCodec(keysOf(`a:${same}`, `b:${same}`));
    const payload = await encrypted('x', `a:${same}`);
    const moved = {
      ...payload,
      metadata: { ...payload.metadata, 'encryption-key-id': Buffer.from('b') },
    };
    await expect(codec.decode([moved])).rejects.toThrow(/the key "b" cannot be read/);
  });

  it('leave plain payloads plain, which runs of before the encryption still hold', async () => {
    const plain = payloadOf({ before: true });
    expect(await createEncryptionCodec(keysOf(K1)).decode([plain])).toEqual([plain]);
    expect(await createEncryptionCodec([]).encode([plain])).toEqual([plain]);
  });
});

describe('a list of keys', () => {
  it('may stand on lines with comments, as in a mounted secret', () => {
    const { keys } = parseNamedKeys(`# since March\n${K2}\n\n${K1} # until June\n`);
    expect(keys.map(({ id }) => id)).toEqual(['k2', 'k1']);
    const fromWindows = parseNamedKeys(`${K2} # since March\r\n${K1}\r\n`);
    expect(fromWindows).toMatchObject({ keys: [{ id: 'k2' }, { id: 'k1' }], errors: [] });
  });

  const secret = randomBytes(16).toString('base64');
  it.each([
    ['a short key', `k1:${secret}`, 'entry 1 (k1) has 16 bytes, it needs 32'],
    ['no Base64', 'k1:not-base-64!', 'entry 1 (k1) is not base64'],
    ['a bare key', randomBytes(32).toString('base64'), 'entry 1 is not id:base64'],
    ['a bad id', `k 1:${randomBytes(32).toString('base64')}`, 'entry 1 has no valid id'],
    ['a repeated id', `${K1},${K1}`, 'entry 2 repeats the id k1'],
    ['nothing', ' , ', 'holds no key'],
  ])('%s is an error that prints no key', (_name, given, message) => {
    const { errors } = parseNamedKeys(given);
    expect(errors.join('\n')).toContain(message);
    for (const part of given.split(/[,:]/).filter((it) => it.length > 8))
      expect(errors.join('\n')).not.toContain(part);
  });

  it('prints nothing of a key however it is shown', () => {
    const [, encoded = ''] = K1.split(':');
    const [key] = keysOf(K1);
    const shown = `${JSON.stringify(key)} ${inspect(key)}`;
    expect(shown).not.toContain(encoded.slice(0, 8));
    expect(shown).not.toContain(Buffer.from(encoded, 'base64').toString('hex').slice(0, 8));
  });
});
