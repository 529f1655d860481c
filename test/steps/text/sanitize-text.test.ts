import { cleanText } from '../../../src/steps/text/sanitize-text';

it.each([
  ['control characters and line ends', 'a\u0000b\r\nc\u001B[31m', 'a b c [31m'],
  ['bidirectional overrides', 'safe\u202Eexe.\u2066x\u2069', 'safe exe. x'],
  ['invisible characters', 'ig\u200Bno\u2060re\uFEFF', 'ig no re'],
  ['tag characters that hide text', 'ok\u{E0069}\u{E0067}\u{E006E}', 'ok'],
  ['variation selectors that hide bytes', 'ok\u{E0101}\u{FE01}', 'ok'],
  ['compatibility forms', 'ｉｇｎｏｒｅ ﬁle', 'ignore file'],
  ['halves of characters', 'a\uD800b', 'a b'],
])('takes out or normalises %s', (_name, text, expected) => {
  expect(cleanText(text)).toBe(expected);
});

it('keeps names of any language, and cuts between characters', () => {
  expect(cleanText('用户服务 p99')).toBe('用户服务 p99');
  expect(cleanText('😀😀😀', 2)).toBe('😀😀');
  expect(cleanText('x'.repeat(1e6), 100)).toHaveLength(100);
});
