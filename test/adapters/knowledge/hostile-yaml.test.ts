import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadKnowledge } from '../../../src/adapters/knowledge/knowledge';
import { parseKnowledge, type KnowledgeFault } from '../../../src/adapters/knowledge/read-document';
import { ServiceDocument } from '../../../src/domain/knowledge/service-document';

/** As much as one document may have. */
const SIZE = 60_000;
const faultsOf = (matter: string): KnowledgeFault[] => {
  const faults: KnowledgeFault[] = [];
  parseKnowledge('services/a.md', `---\n${matter}\n---\n`, ServiceDocument, faults);
  return faults;
};

it.each([
  ['open brackets', '['.repeat(SIZE), 'over 32 brackets in one another'],
  ['brackets', `a: ${'['.repeat(SIZE / 2)}${']'.repeat(SIZE / 2)}`, 'over 32 brackets'],
  ['maps on one line', '{a: '.repeat(SIZE / 4), 'over 32 brackets'],
  ['lists on one line', '- '.repeat(SIZE / 2), 'over 16 levels in one line'],
  ['keys of keys', '? '.repeat(SIZE / 2), 'over 16 levels in one line'],
  ['values of values', 'a: '.repeat(SIZE / 3), 'over 16 levels in one line'],
  [
    'deep indentation',
    Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    'over 200 columns of indentation',
  ],
  ['numbers', `a: [${'0,'.repeat(SIZE / 2)}0]`, 'over 20000 values and signs'],
  ['empty objects', `a: [${'{},'.repeat(SIZE / 3)}{}]`, 'over 20000 values and signs'],
  ['aliases', 'a: &a [x]\nb: [*a, *a]', '*a: write the value itself'],
  ['a key twice', 'service: a\nservice: b', 'Map keys must be unique'],
  ['a nested key twice', 'service:\n  a: 1\n  "a": 2', 'Map keys must be unique'],
])('refuses %s, and names the line', (_, matter, message) => {
  const [first] = faultsOf(matter);
  expect(first).toMatchObject({ file: 'services/a.md', message: expect.stringContaining(message) });
  expect(first?.line).toBeGreaterThan(1);
});

it.each([
  ['quotes', `a: ${'"'.repeat(SIZE)}`],
  ['anchors', '&a '.repeat(SIZE / 3)],
  ['keys that are not known', Array.from({ length: 3_500 }, (_, i) => `key${i}: 1`).join('\n')],
])('names at most 50 faults of a document of %s, within a second', (_, matter) => {
  const before = process.cpuUsage();
  const faults = faultsOf(matter);
  const { user } = process.cpuUsage(before);
  expect(faults.length).toBeGreaterThan(0);
  expect(faults.length).toBeLessThanOrEqual(60);
  expect(user / 1000).toBeLessThan(1_000);
});

it('takes what people write', () => {
  const matter =
    'service: shop\nkind: http-service\ndescription: "[[[[ {{{{ - - - ? ? : : is a text"\n';
  expect(faultsOf(matter)).toEqual([]);
});

it('refuses a base of 64 MB', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'base-'));
  mkdirSync(path.join(dir, 'services'));
  const text = `---\nservice: a\n---\n${'x'.repeat(64_000)}`;
  for (let n = 0; n < 1_000; n += 1) writeFileSync(path.join(dir, 'services', `${n}.md`), text);
  const loaded = await loadKnowledge(dir);
  rmSync(dir, { recursive: true, force: true });
  expect(loaded.ok).toBe(false);
  const errors = loaded.ok ? [] : loaded.errors;
  expect(errors.map(({ message }) => message)).toContain('with it the base is over 16777216 bytes');
});
