import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const SOURCE = path.resolve(__dirname, '../../../src/guard/guard.ts');
const TARGET = path.resolve(__dirname, '../guard/guard');
const FORMATS = [
  { format: 'esm', extension: 'mjs', types: 'd.mts' },
  { format: 'cjs', extension: 'cjs', types: 'd.cts' },
] as const;

/**
 * The guard as one file, an ES module and a CommonJS module (run by `npm run build`): bundled from many CommonJS files
 * it is a third larger.
 */
async function buildGuard(): Promise<void> {
  for (const { format, extension, types } of FORMATS) {
    await build({
      entryPoints: [SOURCE],
      ...{ outfile: `${TARGET}.${extension}`, bundle: true, format, target: 'es2022' },
      ...{ platform: 'neutral', logLevel: 'warning' },
    });
    await writeFile(`${TARGET}.${types}`, "export * from './guard.js';\n");
  }
}

buildGuard().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
