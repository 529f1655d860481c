import path from 'node:path';
import { buildSync } from 'esbuild';

const MOST_BYTES = 20_000;
const guard = path.resolve(__dirname, '../../src/guard/guard.ts');

it('is under 20 kB minified, and needs no package', () => {
  const { outputFiles, metafile } = buildSync({
    entryPoints: [guard],
    ...{ bundle: true, minify: true, write: false, metafile: true },
    ...{ format: 'esm', platform: 'browser', logLevel: 'silent' },
  });
  expect(outputFiles[0]?.contents.length).toBeLessThan(MOST_BYTES);
  expect(Object.keys(metafile.inputs).filter((file) => !/src\/guard\//.test(file))).toEqual([]);
});
