import { readFileSync } from 'node:fs';
import path from 'node:path';
import { VARIABLES } from '../../src/config/config';
import { SECTIONS } from '../../src/config/environment';
import { DOCS, generatedPages } from './pages';

it.each(Object.entries(generatedPages()))(
  'docs/%s is what the code says (npm run docs)',
  (name, content) => {
    expect(readFileSync(path.join(DOCS, name), 'utf8')).toBe(content);
  },
);

it('has every variable that is read in one section', () => {
  expect(Object.values(SECTIONS).flatMap(Object.keys).sort()).toEqual([...VARIABLES].sort());
});
