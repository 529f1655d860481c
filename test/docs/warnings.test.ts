import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Defect } from '../../src/domain/metrics';
import { FAILURE, REJECTION, WARNING } from '../../src/domain/names';
import { DOCS } from './pages';

const page = readFileSync(path.join(DOCS, 'warnings.md'), 'utf8');

/** Section title → its codes, each a heading and so an anchor. */
const codesOf = (title: string): string[] => {
  const section = page.split(/^## /m).find((one) => one.startsWith(`${title}\n`)) ?? '';
  return [...section.matchAll(/^### (\S+)$/gm)].map(([, code = '']) => code);
};

it.each([
  ['Warnings', Object.values(WARNING)],
  ['Defects', Defect.options],
  ['Failures', [...Object.values(FAILURE), ...Object.values(REJECTION)]],
])('explains every code, once and no other: %s', (title, codes) => {
  expect(codesOf(title).sort()).toEqual([...codes].sort());
});

it('says something about each code', () => {
  const empty = page.split(/^### /m).filter((entry) => entry.trim().split('\n').length < 2);
  expect(empty).toEqual([]);
});
