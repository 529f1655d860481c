import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  buildIdOf,
  bundleAt,
  manifestOf,
  manifestPathOf,
} from '../../src/temporal/workflow-bundle';

const folder = mkdtempSync(path.join(os.tmpdir(), 'bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CODE = 'exports.flow = 1;';
function bundle(name: string, manifest?: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, CODE);
  if (manifest !== undefined) writeFileSync(manifestPathOf(file), manifest);
  return file;
}

it('takes a bundle that is as it was built', () => {
  const file = bundle('good.js', JSON.stringify(manifestOf(CODE)));
  expect(bundleAt(file)).toEqual({ codePath: file });
  expect(buildIdOf(file)).toMatch(/^[0-9a-f]{16}$/);
});

it.each([
  ['without a manifest', undefined, /has no manifest .* npm run build/],
  ['of which half is said', '{"bundle"', /was changed after the build; run: npm run build/],
  [
    'that was changed',
    JSON.stringify(manifestOf('other')),
    /was changed after the build; run: npm run build/,
  ],
  [
    'of another SDK',
    JSON.stringify({ ...manifestOf(CODE), sdk: '1.0.0' }),
    /was built with SDK 1\.0\.0, but SDK .* is installed; run: npm run build/,
  ],
])('refuses a bundle %s', (name, manifest, message) => {
  expect(() => bundleAt(bundle(`${name}.js`, manifest))).toThrow(message);
});

it('refuses to work without a bundle', () => {
  expect(() => bundleAt(path.join(folder, 'none.js'))).toThrow(
    /no workflow bundle at .*none\.js; run: npm run build/,
  );
});
