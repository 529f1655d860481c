import { escapeRegex } from '../../../src/steps/text/escape-regex';

it.each(['a.b', 'a|b', '^$', 'a\\d', '(x)[y]{2}', '*+?', 'plain'])(
  'matches %j and nothing else',
  (text) => {
    const regex = new RegExp(`^${escapeRegex(text)}$`);
    expect(regex.test(text)).toBe(true);
    expect(regex.test(`${text}x`)).toBe(false);
    expect(regex.test(text.replace('.', 'x'))).toBe(!text.includes('.'));
  },
);
