import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { program } from '../../src/cli/program';
import { codeBlocks, commandsIn, markdownFiles, textOf } from './code-blocks';

const ROOT = path.resolve(__dirname, '../..');
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(textOf('package.json')));

/** Programs of others, whose options are theirs. */
const OTHERS = ['export', 'temporal', 'docker', 'kubectl', 'apt-get', 'openssl', 'tcld', 'pip'];
const NPM = ['ci', 'test', 'version', 'pack', 'publish', 'install'];

/** The commands without what they do: commander alone judges words and options. */
function parser(): Command {
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    if (command.commands.length === 0) command.action(() => undefined);
    command.commands.forEach(quiet);
  };
  const root = program();
  quiet(root);
  return root;
}

/** Undefined, or what is wrong with the words behind `release-prep`. */
function faultOfOurs(words: string[]): string | undefined {
  try {
    parser().parse(words, { from: 'user' });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function faultOf(line: string): string | undefined {
  // `> file` and `< file` are the shell's.
  const command = line.replaceAll(/\s[<>]\s*\S+/g, '');
  // `NAME=value command` sets a variable for it, and `> FILE` is the shell's.
  const [call = ''] = command.split(' > ');
  const words = call.split(/\s+/).filter((word, index) => index > 0 || !/^[A-Z_]+=/.test(word));
  const [first = '', second = '', third = ''] = words[0] === 'npx' ? words.slice(1) : words;
  if (first === 'release-prep') return faultOfOurs(words.slice(words.indexOf(first) + 1));
  if (first === 'npm' && second === 'run')
    return third in scripts ? undefined : 'no such script in package.json';
  if (first === 'npm') return NPM.includes(second) ? undefined : 'no such command of npm';
  if (first === 'jest')
    return words
      .filter((word) => word.startsWith('test/'))
      .find((file) => !existsSync(path.join(ROOT, file)));
  return OTHERS.includes(first) ? undefined : 'a command that nobody checks';
}

/** A line in a sentence may leave arguments out; its command and its options must exist. */
function faultOfMention(mention: string): string | undefined {
  const words = mention.replace(/^npx /, '').split(/\s+/);
  if (words[0] === 'npm') return (words[2] ?? '') in scripts ? undefined : 'no such script';
  let command: Command | undefined = program();
  const rest = words.slice(1);
  while (command !== undefined && command.commands.length > 0) {
    const name = rest.shift() ?? '';
    if (/^[A-Z…]/.test(name)) return undefined;
    command = command.commands.find((one) => one.name() === name);
  }
  if (command === undefined) return 'no such command';
  const known = new Set(command.options.flatMap(({ long, short }) => [long, short]));
  return rest.find((word) => word.startsWith('--') && word !== '--help' && !known.has(word));
}

it.each(markdownFiles())('%s: every command of a shell block exists', (file) => {
  const commands = codeBlocks(file)
    .filter(({ language }) => language === 'sh')
    .flatMap(commandsIn);
  const faults = commands.map((command) => [command, faultOf(command)]);
  expect(faults.filter(([, fault]) => fault !== undefined)).toEqual([]);
});

it.each(markdownFiles())('%s: every command in a sentence exists', (file) => {
  const prose = textOf(file).replace(/^\s*```[\s\S]*?^\s*```/gm, '');
  const mentions = [...prose.matchAll(/`((?:npx )?release-prep [a-z][^`]*|npm run [^`]*)`/g)];
  const faults = mentions.map(([, mention = '']) => [mention, faultOfMention(mention)]);
  expect(faults.filter(([, fault]) => fault !== undefined)).toEqual([]);
});

it.each(markdownFiles())('%s: every relative link leads to a file', (file) => {
  const links = [...textOf(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => to);
  const broken = links
    .filter((to) => !/^[a-z]+:/.test(to))
    .filter((to) => !existsSync(path.join(ROOT, path.dirname(file), decodeURI(to))));
  expect(broken).toEqual([]);
});

it('finds what is wrong', () => {
  expect(faultOf('npx release-prep prepare --service s')).toMatch(/--version/);
  expect(faultOf('npx release-prep show s v --colour')).toMatch(/unknown option/);
  expect(faultOf('npm run nothing')).toBe('no such script in package.json');
  expect(faultOf('rm -rf /')).toBe('a command that nobody checks');
  expect(faultOfMention('release-prep statuses S V')).toBe('no such command');
  expect(faultOfMention('release-prep status --colour')).toBe('--colour');
});
