import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { secretsIn } from '../../src/config/secrets';
import { parseConfig } from '../../src/config/config';
import { sealingOf } from '../../src/config/seal-variables';

const folder = mkdtempSync('/tmp/release-prep-secrets-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const key = () => randomBytes(32).toString('base64');

it('finds every credential of an environment: variables, URLs, headers, JSON and lists of keys', () => {
  const [inVariable, inFile, seal, sealInFile] = [key(), key(), key(), key()];
  writeFileSync(`${folder}/seals`, `s1:${sealInFile}\n`);
  writeFileSync(`${folder}/keys`, `f1:${inFile} # the first\n`);
  const found = secretsIn({
    RELEASE_SYSTEM_TOKEN: 'canary-release',
    ELASTICSEARCH_USERNAME: 'elastic',
    ELASTICSEARCH_PASSWORD: 'canary-elastic',
    PROMETHEUS_URL: 'http://user:canary%2Fprom@host:9090/path?apikey=canary-parameter&db=x',
    TOPOLOGY_URL: 'https://search/?sig=canary-sig&pwd=canary-pwd&code=canary-code',
    OPENAI_BASE_URL: 'https://canary-lone-token@models.example.com/v1',
    OPENAI_API_KEY: 'canary-model',
    OPENAI_CUSTOM_HEADERS: 'x-gateway-key: canary-gateway\nx-tenant: canary-tenant-2',
    ELASTICSEARCH_API_KEY: Buffer.from('key-id:canary-api-key').toString('base64'),
    TEMPORAL_API_KEY: 'canary-temporal',
    TEMPORAL_GRPC_META_X_AUTH_TOKEN: 'canary-header',
    TEMPORAL_GRPC_META_AUTHORIZATION: 'Bearer canary-grpc',
    TEMPORAL_CODEC_AUTH: 'Bearer canary-codec',
    TEMPORAL_GRPC_META_TEMPORAL_NAMESPACE: 'payments',
    TEMPORAL_TLS_CLIENT_KEY_DATA:
      '-----BEGIN PRIVATE KEY-----\ncanary-line\n-----END PRIVATE KEY-----',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20canary-otlp,x-tenant=canary-tenant',
    LLM_EXTRA_BODY:
      '{"user": "me", "proxy": {"api_key": "canary-body", "headers": {"Authorization": "Bearer canary-proxy"}, "api_keys": ["canary-list"]}, "effort": "high"}',
    PAYLOAD_ENCRYPTION_KEYS: `k1:${inVariable}`,
    PAYLOAD_ENCRYPTION_KEYS_FILE: `${folder}/keys`,
    ISSUE_SEAL_KEYS: `s1:${seal}`,
    ISSUE_SEAL_KEYS_FILE: `${folder}/seals`,
    SERVICE: 'not-a-secret',
  });
  expect(found).toEqual(
    expect.arrayContaining([
      ...['canary-release', 'canary-elastic', 'elastic:canary-elastic', 'canary/prom'],
      ...['canary-sig', 'canary-pwd', 'canary-code', 'canary-gateway', 'canary-tenant-2'],
      'canary-api-key',
      ...['user:canary/prom', 'canary-parameter', 'canary-lone-token', 'canary-model'],
      ...[
        'canary-temporal',
        'canary-header',
        'canary-line',
        'canary-body',
        'canary-otlp',
        ...['canary-grpc', 'canary-codec', 'canary-proxy', 'canary-list'],
        inVariable,
        inFile,
        seal,
        sealInFile,
      ],
    ]),
  );
  for (const plain of ['payments', 'me', 'high', 'x', 'not-a-secret', 'elastic'])
    expect(found).not.toContain(plain);
});

describe('keys by configuration', () => {
  it('come from the variable or from the file, and not from both', () => {
    writeFileSync(`${folder}/keys`, `new:${key()}\nold:${key()}\n`);
    const file = `${folder}/keys`;
    const config = parseConfig({ PAYLOAD_ENCRYPTION_KEYS_FILE: file });
    expect(config.PAYLOAD_ENCRYPTION_KEYS_FILE?.map(({ id }) => id)).toEqual(['new', 'old']);
    expect(() =>
      parseConfig({ PAYLOAD_ENCRYPTION_KEYS_FILE: file, PAYLOAD_ENCRYPTION_KEYS: `k:${key()}` }),
    ).toThrow(/set either the keys or PAYLOAD_ENCRYPTION_KEYS_FILE/);
  });

  it('seal issues, come from the variable or a file, and are not those of payloads', () => {
    const [own, other] = [key(), key()];
    writeFileSync(`${folder}/keys`, `new:${own}\nold:${other}\n`);
    const file = parseConfig({ ISSUE_SEAL_KEYS_FILE: `${folder}/keys` });
    expect(sealingOf(file)?.keys.map(({ id }) => id)).toEqual(['new', 'old']);
    expect(sealingOf(file)?.acceptUnsealed).toBe(false);
    const lenient = parseConfig({ ISSUE_SEAL_KEYS: `k:${own}`, ISSUE_UNSEALED: 'accept' });
    expect(sealingOf(lenient)?.acceptUnsealed).toBe(true);
    expect(sealingOf(parseConfig({}))).toBeUndefined();
    for (const [more, fault] of [
      [{ ISSUE_SEAL_KEYS_FILE: `${folder}/keys` }, /set either the keys or ISSUE_SEAL_KEYS_FILE/],
      [{ PAYLOAD_ENCRYPTION_KEYS: `p:${own}` }, /ISSUE_SEAL_KEYS: set keys of their own/],
      [{ ISSUE_UNSEALED: 'maybe' }, /ISSUE_UNSEALED/],
    ] as const)
      expect(() => parseConfig({ ISSUE_SEAL_KEYS: `k:${own}`, ...more })).toThrow(fault);
    // An empty list would seal nothing while its owner believes it does.
    expect(() => parseConfig({ ISSUE_SEAL_KEYS: ',' })).toThrow(/ISSUE_SEAL_KEYS: holds no key/);
  });

  it('are one error with every fault and no key in it', () => {
    const short = randomBytes(31).toString('base64');
    try {
      parseConfig({
        PAYLOAD_ENCRYPTION_KEYS: `a:${short},b:${short}`,
        CODEC_ALLOWED_ORIGIN: 'https://ui.example.com/path',
        CODEC_TOKEN: 'short',
      });
      throw new Error('it was accepted');
    } catch (error) {
      const { message } = error as Error;
      expect(message).toContain('the configuration has 4 errors');
      expect(message).toContain('PAYLOAD_ENCRYPTION_KEYS: entry 1 (a) has 31 bytes');
      expect(message).toContain('PAYLOAD_ENCRYPTION_KEYS: entry 2 (b) has 31 bytes');
      expect(message).toContain('CODEC_ALLOWED_ORIGIN: must be origins');
      expect(message).not.toContain(short);
    }
  });

  it('name a file that cannot be read', () => {
    expect(() => parseConfig({ PAYLOAD_ENCRYPTION_KEYS_FILE: `${folder}/none` })).toThrow(
      /PAYLOAD_ENCRYPTION_KEYS_FILE: cannot be read: ENOENT.*\/none/,
    );
  });
});
