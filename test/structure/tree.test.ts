import { execFileSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const MAX_FILES = 20;
/** One file per case, document or decision: the number of files is the number of those. */
const DATA =
  /^(docs\/(decisions|schemas|examples|zh)|knowledge|test\/histories|test\/fixtures\/(topology|situations|prometheus|metrics)|test\/\w+\/(data|cases))(\/|$)/;

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT })
  .toString()
  .trim()
  .split('\n');
const code = files.filter((file) => /^(src|sandbox|test)\/.*\.ts$/.test(file));

it('has no folder with more than 20 files of its own, data apart', () => {
  const counts = new Map<string, number>();
  for (const file of files) {
    const folder = path.dirname(file);
    // The root holds what each tool expects there.
    if (folder !== '.' && !DATA.test(folder)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
});

it('has the way into a folder inside it, under the name of the folder', () => {
  const folders = new Set(code.map((file) => path.dirname(file)));
  const beside = code.filter((file) => folders.has(file.replace(/\.ts$/, '')));
  const started = ['src/worker.ts', 'src/client.ts', 'src/cli.ts'];
  const benches = beside.filter((file) => file.startsWith('test/bench/'));
  expect(beside.filter((file) => !started.includes(file) && !benches.includes(file))).toEqual([]);
});

it('has names in kebab-case', () => {
  const name = /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/;
  expect(code.filter((file) => !name.test(path.basename(file)))).toEqual([]);
});

it('has no index file but the two that a tool needs', () => {
  expect(code.filter((file) => path.basename(file) === 'index.ts')).toEqual([
    'src/activities/index.ts',
    'src/workflows/index.ts',
  ]);
});
