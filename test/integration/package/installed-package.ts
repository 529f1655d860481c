import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runToEnd } from '../../fixtures/processes/process';

const ROOT = path.resolve(__dirname, '../../..');

/** What a user's project has besides this package; checkers included, which need no place in our own lock file. */
const COMPANIONS = [
  '@temporalio/client@~1.24.0',
  // At the root, so that all of Temporal's packages share it: with an older one there, large payloads fail.
  'protobufjs@8.8.1',
  'typescript@6.0.3',
  '@types/node@20.19.43',
  'publint@0.3.25',
  '@arethetypeswrong/cli@0.18.5',
  'esbuild@0.28.2',
];

export type InstalledPackage = Awaited<ReturnType<typeof installPackage>>;

/** Packs what `npm run build` has built, and installs the tarball from the registry's packages into an empty folder. */
export async function installPackage() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'release-prep-package-'));
  const packed = await runToEnd(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    { cwd: ROOT },
  );
  const [{ filename, files }] = JSON.parse(packed) as [
    { filename: string; files: { path: string }[] },
  ];
  const tarball = path.join(folder, filename);
  writeFileSync(path.join(folder, 'package.json'), '{"name": "consumer", "private": true}');
  await runToEnd(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball, ...COMPANIONS],
    { cwd: folder },
  );
  const installed = path.join(folder, 'node_modules/release-prep');
  return {
    ...{ folder, tarball, installed },
    files: files.map((file) => file.path),
    bytes: statSync(tarball).size,
    cli: path.join(installed, 'dist/src/cli.js'),
    /** Runs a command of the installed packages; its stdout. */
    run: (command: string, args: string[], env: Record<string, string> = {}) =>
      runToEnd(path.join(folder, 'node_modules/.bin', command), args, {
        cwd: folder,
        env: { ...process.env, ...env },
      }),
    /** Copies an example of docs/examples/orchestrator; its path in the folder. */
    example(name: string, as = name): string {
      const file = path.join(folder, as);
      writeFileSync(
        file,
        readFileSync(path.join(ROOT, 'docs/examples/orchestrator', name), 'utf8'),
      );
      return file;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
