import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { obtain } from '../../src/embedded/temporal-cli';

const newTarget = () => path.join(mkdtempSync(path.join(os.tmpdir(), 'temporal-cli-')), 'temporal');

/** A build that takes a moment; each result has a number of its own. */
function slowBuild() {
  let runs = 0;
  const fill = async (folder: string) => {
    runs += 1;
    const file = path.join(folder, 'temporal');
    await sleep(300);
    await writeFile(file, `build ${runs}`);
    await chmod(file, 0o755);
  };
  return { way: { name: 'build', fill }, runs: () => runs };
}
const broken = { name: 'download', fill: () => Promise.reject(new Error('no network')) };

it('builds once for two that need it at the same time, and the second says for whom it waits', async () => {
  const target = newTarget();
  const { way, runs } = slowBuild();
  const said: string[] = [];
  const both = [obtain(target, [way], (text) => said.push(text))];
  both.push(obtain(target, [way], (text) => said.push(text)));
  expect(await Promise.all(both)).toEqual([target, target]);
  expect(runs()).toBe(1);
  expect(said).toEqual([expect.stringContaining(`process ${process.pid} `)]);
  expect(existsSync(`${target}.lock`)).toBe(false);
});

it('builds itself when the first fails', async () => {
  const target = newTarget();
  const { way } = slowBuild();
  const first = obtain(target, [broken], () => undefined);
  const second = obtain(target, [way], () => undefined);
  await expect(first).rejects.toThrow('download: no network');
  await expect(second).resolves.toBe(target);
});

it.each([
  ['of a process that has died', () => `${spawnSync('true').pid} ${os.hostname()}`, 0],
  ['of a process of another machine, long ago', () => '1 elsewhere', 3_600],
])('takes over a lock %s', async (_, holder, ageSeconds) => {
  const target = newTarget();
  const at = Date.now() / 1000 - ageSeconds;
  writeFileSync(`${target}.lock`, holder());
  utimesSync(`${target}.lock`, at, at);
  await obtain(target, [slowBuild().way], () => undefined);
  expect(readFileSync(target, 'utf8')).toBe('build 1');
});

it('removes what killed builds left, and nothing of a build that may still run', async () => {
  const target = newTarget();
  const folder = path.dirname(target);
  for (const [name, age] of [
    ['new-old', 7_200],
    ['new-young', 60],
    ['other', 7_200],
  ] as const) {
    const at = Date.now() / 1000 - age;
    mkdirSync(path.join(folder, name));
    utimesSync(path.join(folder, name), at, at);
  }
  await obtain(target, [slowBuild().way], () => undefined);
  const left = ['new-old', 'new-young', 'other'].filter((name) =>
    existsSync(path.join(folder, name)),
  );
  expect(left).toEqual(['new-young', 'other']);
});

it('names all that it tried, and the folder that cannot be written', async () => {
  const target = newTarget();
  await expect(obtain(target, [broken, broken], () => undefined)).rejects.toThrow(
    /download: no network; download: no network.*TEMPORAL_CLI_PATH/,
  );
  writeFileSync(target, 'a file');
  await expect(obtain(path.join(target, 'temporal'), [], () => undefined)).rejects.toThrow(
    /EEXIST|ENOTDIR.*XDG_CACHE_HOME/,
  );
});
