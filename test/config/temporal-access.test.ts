import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { redact } from '../../src/adapters/redaction';
import { parseTemporalAccess } from '../../src/config/temporal-access';
import { createAuthority, createCertificate } from '../fixtures/servers/certificates';

// Keys of certificates take seconds on a busy machine.
jest.setTimeout(60_000);

const folder = mkdtempSync('/tmp/release-prep-temporal-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const NO_FILE = { TEMPORAL_CONFIG_FILE: `${folder}/none.toml` };

const accessOf = (environment: Record<string, string>) => {
  const parsed = parseTemporalAccess({ ...NO_FILE, ...environment });
  if (!parsed.ok) throw new Error(parsed.errors.join('\n'));
  return parsed.access;
};

it('is the local server without TLS when nothing is set; an empty variable counts as unset', () => {
  const access = accessOf({ TEMPORAL_ADDRESS: '', TEMPORAL_API_KEY: '', TEMPORAL_TLS: '' });
  expect(access).toMatchObject({ address: 'localhost:7233', namespace: 'default' });
  expect(access.options.tls).toBeUndefined();
  expect(access.options.apiKey).toBeUndefined();
});

it('takes the values of a .env from Windows', () => {
  const access = accessOf({ TEMPORAL_ADDRESS: 'temporal:7233\r', TEMPORAL_NAMESPACE: 'team\r' });
  expect(access).toMatchObject({ address: 'temporal:7233', namespace: 'team' });
});

it('turns TLS on with an API key, and hides the key from then on', () => {
  const access = accessOf({ TEMPORAL_API_KEY: 'canary-api-key-1' });
  expect(access.options).toMatchObject({ apiKey: 'canary-api-key-1', tls: true });
  expect(redact('the key canary-api-key-1')).toBe('the key [redacted]');
});

it('takes a profile of temporal.toml, and hides its key too', () => {
  const file = `${folder}/temporal.toml`;
  writeFileSync(
    file,
    '[profile.prod]\naddress = "prod.a1b2.tmprl.cloud:7233"\nnamespace = "prod.a1b2"\napi_key = "canary-toml-key"\n',
  );
  const access = accessOf({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'prod' });
  expect(access).toMatchObject({ address: 'prod.a1b2.tmprl.cloud:7233', namespace: 'prod.a1b2' });
  expect(redact('canary-toml-key')).toBe('[redacted]');
});

describe('what is wrong is said in words', () => {
  const errorsOf = (environment: Record<string, string>) => {
    const parsed = parseTemporalAccess({ ...NO_FILE, ...environment });
    return parsed.ok ? [] : parsed.errors;
  };

  it.each(['http://localhost:7233', 'localhost:abc', 'a b:7233', 'localhost:99999', 'host:1/path'])(
    'an address that is none: %s',
    (address) => {
      expect(errorsOf({ TEMPORAL_ADDRESS: address })).toEqual([
        `Temporal: "${address}" is not HOST or HOST:PORT (for example temporal.example.com:7233, without a scheme): fix TEMPORAL_ADDRESS, or address in the profile`,
      ]);
    },
  );

  it('an address with a password, which is not said', () => {
    const [error] = errorsOf({ TEMPORAL_ADDRESS: 'user:canary@host:7233' });
    expect(error).toMatch(/the address is not HOST/);
    expect(error).not.toContain('canary');
  });

  it('takes hosts with and without a port, and addresses of both families', () => {
    for (const address of ['temporal', 'temporal:7233', '10.0.0.1:7233', '[::1]:7233', '[::1]'])
      expect(errorsOf({ TEMPORAL_ADDRESS: address })).toEqual([]);
  });

  it('a broken profile file, without its lines, which may hold a key', () => {
    const file = `${folder}/broken.toml`;
    writeFileSync(file, '[profile.default]\napi_key = "canary-broken-key\n');
    const errors = errorsOf({ TEMPORAL_CONFIG_FILE: file });
    expect(errors.join()).toMatch(/Invalid TOML document.*fix the TEMPORAL_… variables/);
    expect(errors.join()).not.toContain('canary');
  });

  it('an unknown profile, a missing file, a certificate without its key', async () => {
    expect(errorsOf({ TEMPORAL_PROFILE: 'prod' }).join()).toContain("Profile 'prod' not found");
    expect(errorsOf({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: `${folder}/none.pem` }).join()).toMatch(
      /ENOENT.*none\.pem/,
    );
    expect(errorsOf({ TEMPORAL_TLS_CLIENT_CERT_DATA: 'x' }).join()).toContain('needs its key');
  });

  it('a key that is of another certificate', async () => {
    const authority = await createAuthority();
    const [one, other] = await Promise.all([
      createCertificate(authority, { client: true }),
      createCertificate(authority, { client: true }),
    ]);
    expect(
      errorsOf({
        TEMPORAL_TLS_CLIENT_CERT_DATA: one.cert,
        TEMPORAL_TLS_CLIENT_KEY_DATA: other.key,
      }).join(),
    ).toContain('certificate and the key do not match');
  });
});
