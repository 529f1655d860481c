import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/*
 * What a person with a terminal of 80 columns sees of each command: the demo that stays up is the server for all others.
 */
jest.setTimeout(300_000);

const CLI = path.resolve(__dirname, '../../dist/src/cli.js');
const folder = mkdtempSync(path.join(os.tmpdir(), 'terminal-width-'));
const environment = { PATH: process.env['PATH'] ?? '', HOME: os.homedir(), TERM: 'xterm-256color' };

type Screen = { child: ChildProcess; text: () => string; ended: Promise<number | null> };

/** A shell's line on a terminal of its own: what arrives on its screen. */
function onTerminal(line: string, columns: number): Screen {
  const child = spawn('script', ['-qefc', `stty cols ${columns} rows 50; ${line}`, '/dev/null'], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, text: () => text, ended };
}

/** The lines that were on the screen, also those that were written over; without colours. */
const linesOf = (text: string): string[] => stripVTControlCharacters(text).split(/[\r\n]+/);

/** A command, an address or a path is one word: it is printed whole, for copying, whatever the width. */
const isWhole = (line: string): boolean =>
  /^\s*\S+$/.test(line) || /(^Usage:|^Web UI:|export|cli\.js) /.test(line);

const tooWide = (text: string, columns: number): string[] =>
  linesOf(text).filter((line) => stringWidth(line) > columns && !isWhole(line));

let demo: Screen;
let exports: string;
beforeAll(async () => {
  demo = onTerminal(`exec ${process.execPath} ${CLI} demo --stay`, 80);
  for (let i = 0; i < 900 && !demo.text().includes('until you press Ctrl-C'); i += 1)
    await sleep(200);
  // The commands would say that nothing is configured, which fits any width.
  expect(demo.text()).toContain('until you press Ctrl-C');
  exports = linesOf(demo.text())
    .filter((line) => line.startsWith('  export '))
    .join('\n');
}, 300_000);
afterAll(async () => {
  demo?.child.kill('SIGINT');
  await demo?.ended;
  rmSync(folder, { recursive: true, force: true });
});

it('the demo itself', () => {
  expect(demo.text()).toContain('until you press Ctrl-C');
  expect(tooWide(demo.text(), 80)).toEqual([]);
});

const SERVICE = '--service user-service';
const COMMANDS: [string, RegExp][] = [
  ['--help', /Usage/],
  ['prepare --help', /Examples/],
  ['show user-service', /Ready/],
  ['list', /user-service/],
  ['status user-service v1.1.0', /COMPLETED/],
  ['claim show user-service', /user-service/],
  ['doctor', /Temporal/],
  [`try verify ${SERVICE} --version v1.1.0`, /v1\.1\.0/],
  [`try chain ${SERVICE}`, /called by/],
  [`try metrics ${SERVICE}`, /Error Rate/],
  [`try plan ${SERVICE}`, /batch/],
  [`try risks ${SERVICE} --version v1.1.0`, /rollback/],
  ['knowledge check', /./],
  ['check --help', /Usage/],
];

it.each(COMMANDS)('%s', async (command, shows) => {
  // Commander does not wrap descriptions that have fewer than 40 columns.
  for (const columns of command.endsWith('--help') ? [80] : [80, 60]) {
    const line = `${exports}\n${process.execPath} ${CLI} ${command}`;
    const screen = onTerminal(line, columns);
    await screen.ended;
    expect(screen.text()).toMatch(shows);
    expect([columns, tooWide(screen.text(), columns)]).toEqual([columns, []]);
  }
});

it('in Chinese', async () => {
  const line = `${exports}\n${process.execPath} ${CLI} show user-service --lang zh`;
  const screen = onTerminal(line, 80);
  await screen.ended;
  expect(screen.text()).toMatch(/[\u4e00-\u9fff]/);
  expect(tooWide(screen.text(), 80)).toEqual([]);
});
