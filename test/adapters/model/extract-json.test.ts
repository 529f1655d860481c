import { extractJson } from '../../../src/adapters/model/extract-json';

/** CPU time of a call in ms. */
function cpuOf(work: () => unknown): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

describe('a model that runs away', () => {
  it.each([
    ['an opening fence, line ends and no closing fence', '```json' + '\n'.repeat(60_000)],
    ['a fence and white space before text', '```' + ' \n'.repeat(30_000) + 'x'],
    ['a fence whose language never ends', '```' + 'a'.repeat(60_000)],
    ['openings of thoughts without an end', '<think>'.repeat(9_000)],
    ['opening braces', '{'.repeat(60_000)],
    ['objects in objects', '{"a":'.repeat(12_000)],
    ['quotes and backslashes', '{"' + '\\"'.repeat(30_000)],
    ['4 MB of line ends in a fence', '```json' + '\n'.repeat(4_000_000)],
    ['4 MB of braces', '{'.repeat(4_000_000)],
  ])('reads %s within 500 ms of CPU time', (_, text) => {
    expect(cpuOf(() => extractJson(text))).toBeLessThan(500);
    expect(extractJson(text).kind).not.toBe('json');
  });

  it('takes a reply of over 256,000 characters for no answer', () => {
    const text = JSON.stringify({ a: 'x'.repeat(256_000) });
    expect(extractJson(text)).toEqual({ kind: 'not_json' });
  });

  it('takes two objects that are nested too deep to compare for no answer', () => {
    const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    expect(extractJson(`first ${deep} then ${deep}`)).toEqual({ kind: 'not_json' });
  });
});

it.each([
  '```json\n{"a":1}\n```',
  '```\n{"a":1}\n```',
  '```JSON {"a":1} ```',
  '```json\r\n{"a":1}\r\n```\n',
  '<think>no {"b":2}</think>\n```json\n{"a":1}\n```',
])('finds the object of a fenced reply (%j)', (text) => {
  expect(extractJson(text)).toEqual({ kind: 'json', value: { a: 1 } });
});

it('takes an empty fence for a blank answer', () => {
  expect(extractJson('```json\n```')).toEqual({ kind: 'blank' });
});
