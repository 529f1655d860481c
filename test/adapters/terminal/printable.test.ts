import { createColours } from '../../../src/adapters/terminal/colours';
import {
  plainText,
  plainTexts,
  printable,
  printableJson,
} from '../../../src/adapters/terminal/printable';
import { columnsOf } from '../../../src/cli/render/terminal-text';

const ESC = '\u001b';
/** What others may write: clear the screen, title, clipboard, link, colours, hidden text, C1, bidirectional, invisible. */
const HOSTILE = [
  `${ESC}[2J`,
  `${ESC}]0;title\u0007`,
  `${ESC}]52;c;ZXZpbA==\u0007`,
  `${ESC}]8;;https://evil.example${ESC}\\link${ESC}]8;;${ESC}\\`,
  `${ESC}[31mred${ESC}[39m`,
  `${ESC}[8mhidden`,
  `${ESC}[31;1234;5678;9012mguessed`,
  '\u009b2J',
  '\u009d52;c;ZXZpbA==\u009c',
  '\u202egnp.exe',
  '\u2066isolated\u2069',
  'a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg',
  'tag\u{e0041}\u{e007f}',
  'variation\u{e0100}\ufe0e\ufe0f',
  'v1\ufe0f',
  'filler\u3164\u115f\u2800\uffa0',
  'line\u2028paragraph\u2029',
  'over\rwritten\b\b\u007f',
  '\ud800 alone',
  '\ue000',
];
const ACTS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Cf}\p{Co}\p{Cs}\u2028\u2029\u3164\u115f\u2800\uffa0\ufe0e\ufe0f]/u;

describe.each(HOSTILE.map((text) => [JSON.stringify(text), text]))('%s', (_, text) => {
  it('reaches no terminal, and a sign shows where it was', () => {
    expect(printable(text)).not.toMatch(ACTS);
    expect(printable(text)).toContain('\ufffd');
    expect(plainText(text)).not.toMatch(ACTS);
    expect(plainText(text)).toContain('\ufffd');
  });

  it('is in JSON exactly, in escapes alone', () => {
    const json = printableJson({ [text]: [text] });
    expect(JSON.parse(json)).toEqual({ [text]: [text] });
    expect(json).not.toMatch(ACTS);
  });
});

describe('our own colours', () => {
  const colours = createColours(true);

  it('leave as plain codes around what is filtered', () => {
    expect(printable(colours.red(`a${ESC}[2Jb`))).toBe(`${ESC}[31ma\ufffd[2Jb${ESC}[39m`);
    expect(printable(colours.bold(colours.green('ok')))).toBe(
      `${ESC}[1m${ESC}[32mok${ESC}[39m${ESC}[22m`,
    );
  });

  it('take no columns', () => {
    expect(columnsOf(colours.red('four'))).toBe(4);
  });

  it('are no codes at all where colours are off', () => {
    expect(createColours(false).red('text')).toBe('text');
  });
});

it.each(['👨‍👩‍👧 family', '❤️‍🔥', '🏃🏽‍♀️ runs', '3️⃣', '日本語', 'عربي', 'naïve e\u0301', 'tab\tand\nlines'])(
  'leaves %s as it is',
  (text) => {
    expect(printable(text)).toBe(text);
  },
);

it('puts a name of several lines on one', () => {
  expect(plainText('ok\n✓ all hosts\r\n  healthy\u00a0now')).toBe('ok ✓ all hosts healthy now');
});

it('makes every text of a value plain, keys and maps too', () => {
  const value = { [`a${ESC}`]: [`b\nc`, 1, null], map: new Map([['x', { y: '\u202e' }]]) };
  expect(plainTexts(value)).toEqual({
    'a\ufffd': ['b c', 1, null],
    map: new Map([['x', { y: '\ufffd' }]]),
  });
});

it('reads 4 MB of hostile text within 2 s of CPU time', () => {
  const began = process.cpuUsage();
  for (const part of [`${ESC}[31;1234;5678;`, '\u200d', '1\ufe0f', ' \n', '\u001b'])
    printable(part.repeat(Math.floor(800_000 / part.length)));
  expect(process.cpuUsage(began).user).toBeLessThan(2_000_000);
});
