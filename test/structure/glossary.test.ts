import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const FILE = path.resolve(__dirname, '../../docs/glossary.md');
const rows = readFileSync(FILE, 'utf8')
  .split('\n')
  .filter((line) => /^\| \w/.test(line) && !line.startsWith('| word'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, word = '', meaning = '', where = '']) => ({ word, meaning, where }));

it('has each word once, in alphabetical order', () => {
  const words = rows.map(({ word }) => word);
  expect(words.length).toBeGreaterThanOrEqual(40);
  expect(words).toEqual([...new Set(words)].toSorted());
});

it.each(rows)('$word: a sentence, and the file where to start', ({ meaning, where }) => {
  expect(meaning).toMatch(/^[A-Z].*\.$/);
  const [, name = '', target = ''] = /^\[([\w-]+\.ts)\]\(([^)]+)\)$/.exec(where) ?? [];
  expect(path.basename(target)).toBe(name);
  expect(existsSync(path.join(path.dirname(FILE), target))).toBe(true);
});
