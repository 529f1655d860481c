import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const SOURCE = path.resolve(__dirname, '../../../src/guard/guard.ts');
const TARGET = path.resolve(__dirname, '../guard/guard');

/**
 * The guard as one file, an ES module and a CommonJS module (run by `npm run build`): bundled from many CommonJS files
 * it is a third larger.
 */
async function buildGuard(): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [SOURCE],
    ...{ bundle: true, format: 'esm', target: 'es2022', platform: 'neutral' },
    ...{ write: false, logLevel: 'warning' },
  });
  const code = outputFiles[0]?.text ?? '';
  // esbuild's own CommonJS brings helpers of half a kilobyte.
  const [body, names, ...more] = code.split(/^export (?=\{[\w\s,]+\};$)/m);
  if (body === undefined || names === undefined || more.length > 0)
    throw new Error('the guard has to end with one plain export');
  await writeFile(`${TARGET}.mjs`, code);
  await writeFile(`${TARGET}.cjs`, `"use strict";\n${body}module.exports = ${names}`);
  for (const types of ['d.mts', 'd.cts'])
    await writeFile(`${TARGET}.${types}`, "export * from './guard.js';\n");
}

buildGuard().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
