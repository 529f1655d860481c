import fc from 'fast-check';
import { toFailure } from '../../src/activities/runtime/typed-failures';
import { createRedactor, hideSecrets } from '../../src/adapters/redaction';
import { UpstreamError } from '../../src/adapters/upstream/upstream-error';

const SECRET = 'tok"en\\with/odd+signs=&ü';

describe('a redactor', () => {
  const { redact, excerpt } = createRedactor([SECRET, 'user:pass-word-1', 'short']);

  it.each([
    ['as it is', `Bearer ${SECRET}`],
    ['in JSON', JSON.stringify({ token: SECRET })],
    ['in JSON within JSON', JSON.stringify({ body: JSON.stringify({ token: SECRET }) })],
    ['in JSON of Go', JSON.stringify({ token: SECRET }).replaceAll('&', '\\u0026')],
    ['in JSON of PHP', JSON.stringify({ token: SECRET }).replaceAll('/', '\\/')],
    ['in HTML', `<b>${SECRET.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}</b>`],
    ['in a URL', `http://x/?t=${encodeURIComponent(SECRET)}`],
    ['in Base64', Buffer.from(SECRET).toString('base64')],
    ['in Basic authentication', `Basic ${Buffer.from('user:pass-word-1').toString('base64')}`],
  ])('hides a secret %s', (_name, text) => {
    const hidden = redact(text);
    expect(hidden).toContain('[redacted]');
    for (const part of ['tok"en', 'odd+signs', 'odd%2Bsigns', 'pass-word-1', 'dXNlcjpwYXNz'])
      expect(hidden).not.toContain(part);
  });

  it('hides a secret in the Base64 of a text around it, wherever it stands there', () => {
    for (const before of ['', 'a', 'ab', 'abc'])
      for (const after of ['', 'y', 'yz']) {
        const dump = Buffer.from(`${before}${SECRET}${after}`).toString('base64');
        const left = redact(dump).split('[redacted]');
        expect(left).toHaveLength(2);
        expect(left.join('').length).toBeLessThan(16);
      }
  });

  it('hides before it cuts, so that no half of a secret is left at the end', () => {
    for (let before = 0; before < 60; before += 1) {
      const shown = excerpt(`${'x'.repeat(before)} ${SECRET}`, 40);
      expect(shown).not.toMatch(/tok/);
      expect(shown.length).toBeLessThanOrEqual(40);
    }
  });

  it('searches no more of a huge text than it shows, and leaves no half of a secret there either', () => {
    for (const cut of [1, 10, SECRET.length - 1]) {
      const text = ' '.repeat(64 * 1024 - cut) + SECRET + 'y'.repeat(32 * 1024 * 1024);
      const began = performance.now();
      expect(excerpt(text, 200)).toBe('');
      expect(performance.now() - began).toBeLessThan(5_000);
    }
  });

  it('leaves what is too short to be told from words, and texts without secrets', () => {
    expect(redact('a short text')).toBe('a short text');
    fc.assert(fc.property(fc.string(), (text) => createRedactor([]).redact(text) === text));
  });

  it('takes the longer of two secrets that begin alike', () => {
    const both = createRedactor(['secret-1', 'secret-1-and-more']);
    expect(both.redact('secret-1-and-more, secret-1')).toBe('[redacted], [redacted]');
  });
});

describe('the secrets of the process', () => {
  beforeAll(() => hideSecrets(['canary-of-the-process']));

  it('are in no error of an upstream, however its message was made', () => {
    const error = new UpstreamError('model', 'refused: Bearer canary-of-the-process');
    expect(`${error.message} ${error.stack}`).not.toContain('canary');
    expect(error.message).toBe('model: refused: Bearer [redacted]');
  });

  it('are in no failure of an error that nobody foresaw, nor in its cause and stack', () => {
    const unforeseen = Object.assign(new TypeError('no URL: http://u:canary-of-the-process@h'), {
      request: { headers: { authorization: 'canary-of-the-process' } },
    });
    const failure = toFailure(unforeseen) as Error;
    const cause = failure.cause as Error;
    expect(cause.message).toBe('no URL: http://u:[redacted]@h');
    expect(`${failure.message} ${failure.stack} ${cause.stack}`).not.toContain('canary');
    expect(JSON.stringify([failure, { ...cause }])).not.toContain('canary');
  });
});
