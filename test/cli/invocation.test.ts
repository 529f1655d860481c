import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { invocationOf } from '../../src/cli/invocation';

const root = mkdtempSync(path.join(os.tmpdir(), 'release-prep-invocation-'));
const entry = path.join(root, 'dist/src/cli.js');
const bin = path.join(root, 'bin');
mkdirSync(path.dirname(entry), { recursive: true });
mkdirSync(bin);
writeFileSync(entry, '');
chmodSync(entry, 0o755);
symlinkSync(entry, path.join(bin, 'release-prep'));

const started = (file: string, env: NodeJS.ProcessEnv, cwd = root) =>
  invocationOf({ argv: ['node', file], env: { PATH: '/nowhere', ...env }, cwd });

it('is npx where npm started it, by a script or by npx', () => {
  expect(started(entry, { npm_command: 'exec' })).toBe('npx release-prep');
  expect(started(entry, { npm_lifecycle_event: 'demo' })).toBe('npx release-prep');
});

it('is the name alone where PATH has this very program', () => {
  expect(started(entry, { PATH: `/nowhere:${bin}` })).toBe('release-prep');
  expect(started(path.join(bin, 'release-prep'), { PATH: bin })).toBe('release-prep');
});

it('is node with the file, as seen from the folder, where PATH has none or another', () => {
  expect(started(entry, {})).toBe('node dist/src/cli.js');
  expect(started(entry, {}, '/')).toBe(`node ${entry.slice(1)}`);
  expect(started(entry, {}, bin)).toBe(`node ${entry}`);
  const other = mkdtempSync(path.join(os.tmpdir(), 'other-'));
  writeFileSync(path.join(other, 'release-prep'), '');
  expect(started(entry, { PATH: `${other}:${bin}` })).toBe('node dist/src/cli.js');
});

it('quotes a path that a shell would split', () => {
  const odd = path.join(root, "my 'own'", 'cli.js');
  expect(started(odd, {})).toBe(`node 'my '\\''own'\\''/cli.js'`);
});

it('is the plain name inside a program that imports it', () => {
  expect(invocationOf({ argv: ['node', '/x/jest.js'], env: {}, cwd: '/' })).toBe('release-prep');
});
