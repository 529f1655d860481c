import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { canariesIn, canary } from '../../fixtures/stacks/canaries';
import { createAuthority } from '../../fixtures/servers/certificates';
import { releasePrep } from '../../fixtures/stacks/stack';

jest.setTimeout(60_000);

const folder = mkdtempSync('/tmp/release-prep-configuration-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};

const PLANTED: Record<string, string> = {
  strayKey: canary(),
  encryptionKey: Buffer.concat([Buffer.from(canary().slice(0, 24)), randomBytes(8)]).toString(
    'base64',
  ),
  temporalKey: canary(),
  codecAuth: canary(),
  password: canary(),
  parameter: canary(),
  body: canary(),
};
let pair: { key: string; cert: string };
beforeAll(async () => {
  pair = await createAuthority();
  // Behind the modulus, which the certificate shows too.
  PLANTED['tlsKey'] = pair.key.trim().split('\n').at(-4)?.trim() ?? '';
});

const certificate = (more: { cert?: string; key?: string }) => ({
  TEMPORAL_TLS_CLIENT_CERT_DATA: more.cert ?? pair.cert,
  TEMPORAL_TLS_CLIENT_KEY_DATA: more.key ?? pair.key,
});
const FAULTS: [name: string, env: () => Record<string, string>, words: RegExp][] = [
  [
    'a file with a key that has no id',
    () => ({
      PAYLOAD_ENCRYPTION_KEYS_FILE: write(
        'keys',
        `${PLANTED['strayKey']}\nfirst:${PLANTED['encryptionKey']}x`,
      ),
    }),
    /entry 1 is not id:base64[^]*entry 2 \(first\)/,
  ],
  ['a key as certificate', () => certificate({ cert: pair.key }), /not PEM/],
  ['a certificate as key', () => certificate({ key: pair.cert }), /not PEM/],
  ['a key on one line', () => certificate({ key: pair.key.replace(/\n/g, ' ') }), /not PEM/],
  [
    'a key without its certificate',
    () => ({ ...certificate({}), TEMPORAL_TLS_CLIENT_CERT_DATA: '' }),
    /needs its key/,
  ],
  [
    'a profile that is no TOML',
    () => ({
      TEMPORAL_CONFIG_FILE: write(
        'temporal.toml',
        `[profile.default]\napi_key = "${PLANTED['temporalKey']}\n[profile.default.codec]\nauth = "${PLANTED['codecAuth']}"\n`,
      ),
    }),
    /Temporal: .*fix the TEMPORAL_… variables or the profile/,
  ],
  [
    'an address that is none',
    () => ({ PROMETHEUS_URL: `://someone:${PLANTED['password']}@host` }),
    /PROMETHEUS_URL: must be a URL/,
  ],
  [
    'an address with parameters',
    () => ({ PROMETHEUS_URL: `https://host/?token=${PLANTED['parameter']}` }),
    /PROMETHEUS_URL: has parameters/,
  ],
  ['JSON that is cut', () => ({ LLM_EXTRA_BODY: `{"api_key": "${PLANTED['body']}"` }), /LLM_EXTRA/],
];
it.each(FAULTS)(
  'says what is wrong with %s, and nothing of what stands in it',
  async (_name, env, words) => {
    const { code, out, err } = await releasePrep(['worker'], env());
    expect(err).toMatch(words);
    expect(code).toBe(2);
    expect(canariesIn(out + err, PLANTED)).toEqual([]);
  },
);
