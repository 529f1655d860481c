import type { Command } from 'commander';
import { checkVersion } from '../../src/cli/read-input';
import { program } from '../../src/cli/program';

/** What the command line says of these words, before it does anything. */
async function refusal(...words: string[]): Promise<string> {
  const said: string[] = [];
  const root = program();
  const quiet = (command: Command) => {
    command.configureOutput({
      writeErr: (text) => said.push(text),
      writeOut: (text) => said.push(text),
    });
    command.exitOverride();
    command.commands.forEach(quiet);
  };
  quiet(root);
  await root.parseAsync(['node', 'release-prep', ...words]).catch(() => undefined);
  return said.join('');
}

it('names a typo in an option before it asks for a missing one', async () => {
  const said = await refusal('prepare', '--servce', 'cart');
  expect(said).toContain("unknown option '--servce'");
  expect(said).toContain('Did you mean --service?');
  expect(said).not.toContain('not specified');
});

it('asks for a missing option', async () => {
  expect(await refusal('prepare', '--service', 'cart')).toContain(
    "required option '--version <version>' not specified",
  );
  expect(await refusal('claim', 'release', 'cart', '--by', 'dana')).toContain('--reason <text>');
});

it('has its own version, beside the version of a release', async () => {
  expect(await refusal('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it('shows examples in the help of every command', async () => {
  const commands = (command: Command, before: string[] = []): string[][] =>
    command.commands.flatMap((one) => {
      const path = [...before, one.name()];
      return one.commands.length > 0 ? commands(one, path) : [path];
    });
  for (const path of commands(program())) {
    const said = await refusal(...path, '--help');
    expect([path.join(' '), said]).toEqual([path.join(' '), expect.stringContaining('Examples:')]);
    expect(said).toContain(`release-prep ${path.join(' ')}`);
  }
});

it.each(['latest', ' Stable ', 'v 1'])('refuses what is no one version: "%s"', (version) => {
  expect(() => checkVersion(version)).toThrow(/--version/);
});
