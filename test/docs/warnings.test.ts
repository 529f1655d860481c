import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Defect } from '../../src/domain/metrics';
import { FAILURE, REJECTION, WARNING } from '../../src/domain/names';
import { CONCERN } from '../../src/steps/issue-verdict/concern';
import { DOCS } from './pages';

const warnings = new Set<string>(Object.values(WARNING));

const page = readFileSync(path.join(DOCS, 'warnings.md'), 'utf8');

const sectionOf = (title: string): string =>
  page.split(/^## /m).find((one) => one.startsWith(`${title}\n`)) ?? '';

/** Section title → its codes, each a heading and so an anchor. */
const codesOf = (title: string): string[] =>
  [...sectionOf(title).matchAll(/^### (\S+)$/gm)].map(([, code = '']) => code);

/** The anchor of each heading, as GitHub makes it: a repeated heading gets a number. */
function anchors(): Set<string> {
  const seen = new Map<string, number>();
  return new Set(
    [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
      const slug = heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-');
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}

it.each([
  ['Warnings', Object.values(WARNING)],
  ['Defects', Defect.options],
  ['Failures', [...Object.values(FAILURE), ...Object.values(REJECTION)]],
  ['Concerns', Object.values(CONCERN).filter((code) => !warnings.has(code))],
])('explains every code, once and no other: %s', (title, codes) => {
  expect(codesOf(title).sort()).toEqual([...codes].sort());
});

it('says something about each code', () => {
  const empty = page.split(/^### /m).filter((entry) => entry.trim().split('\n').length < 2);
  expect(empty).toEqual([]);
});

it('lists every concern of the verdict, the worst first', () => {
  const listed = [...sectionOf('Concerns').matchAll(/^\d+\. \[(\w+)\]/gm)].map(([, code]) => code);
  expect(listed).toEqual(Object.values(CONCERN));
});

it('links only to anchors that the page has', () => {
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((anchor) => !anchors().has(anchor))).toEqual([]);
});
