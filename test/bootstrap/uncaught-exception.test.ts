import { spawnSync } from 'node:child_process';
import path from 'node:path';

const SRC = path.resolve(__dirname, '../../src');

/** Ends by an error that carries what it was asked with, thrown where nobody catches. */
const ends = (how: string) =>
  spawnSync(
    process.execPath,
    [
      ...['--import', 'tsx', '-e'],
      `const { redactUncaughtExceptions } = require('${SRC}/bootstrap/uncaught-exception.ts');
      const { hideSecrets } = require('${SRC}/adapters/redaction.ts');
      hideSecrets(['canary-of-last-words']);
      redactUncaughtExceptions();
      const error = new Error('refused: canary-of-last-words');
      error.request = { headers: { authorization: 'canary-of-last-words' } };
      ${how};`,
    ],
    { encoding: 'utf8' },
  );

it.each([
  ['in a callback', 'setTimeout(() => { throw error; })'],
  ['in a promise', 'void Promise.reject(error)'],
])('ends with 4, the error and no credential when nobody catches it %s', (_name, how) => {
  const { status, stderr } = ends(how);
  expect(status).toBe(4);
  expect(stderr).toMatch(/^stopped by an uncaught error: Error: refused: \[redacted\]\n +at /);
  expect(stderr).not.toContain('canary');
});
