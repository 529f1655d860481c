import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(path.join(ROOT, 'src', name), 'utf8') }));
const withText = (text: string): string[] =>
  files.filter((file) => file.text.includes(text)).map(({ name }) => name);

/** Every change of a host goes through one function, which takes a permit of the guard alone. */
it('builds requests that change hosts in one file, and permits in another', () => {
  expect(withText("'idempotency-key'")).toEqual(['adapters/release-system/host-actions.ts']);
  expect(withText('permits.add(')).toEqual(['guard/permit.ts']);
  expect(withText('as unknown as Permit')).toEqual(['guard/permit.ts']);
});
