import type { Argument, Command, Option } from 'commander';
import { program } from '../../src/cli/program';
import { table } from './table';

const INTRO = `# Command line
Generated from \`src/cli/program.ts\` by \`npm run docs\`; do not edit. \`release-prep COMMAND --help\` prints the same.

stdout carries the result alone, so that \`--json | jq\` works. Progress, warnings and logs go to stderr. Colour is used on a terminal only; \`NO_COLOR\` turns it off. The environment configures the upstreams: [configuration.md](configuration.md).

| exit code | meaning |
| - | - |
| 0 | The command succeeded. An issue with warnings counts as success. |
| 2 | Bad usage, input or configuration. |
| 3 | Verification refused the release. stdout has the VersionCheck result. |
| 4 | The command failed after retries. stderr has the step, the cause and the \`resume\` command. |
| 130 | Interrupted. The run continues; stderr shows how to join it. |`;

/** Every command that does something: subcommands, not their groups. */
export function commandsOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(commandsOf);
}

/** \`knowledge check\`, without the program's name. */
export function pathOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${pathOf(parent)} ${command.name()}` : command.name();
}

const usageOf = (argument: Argument): string => {
  const name = argument.name().toUpperCase().replaceAll('-', '_');
  return argument.required ? name : `[${name}]`;
};

const optionRow = ({ flags, description, defaultValue, argChoices, mandatory }: Option) => [
  `\`${flags}\`${mandatory ? ' (required)' : ''}`,
  [
    description && `${description[0]?.toUpperCase()}${description.slice(1)}.`,
    argChoices && `One of ${argChoices.map((one) => `\`${one}\``).join(', ')}.`,
    defaultValue !== undefined && `Default: \`${String(defaultValue)}\`.`,
  ]
    .filter(Boolean)
    .join(' '),
];

function sectionOf(command: Command): string {
  const words = [pathOf(command), ...command.registeredArguments.map(usageOf)].join(' ');
  const description = command.description();
  const options = command.options.filter(({ hidden }) => !hidden);
  return [
    `## ${pathOf(command)}`,
    `\`release-prep ${words}${options.length > 0 ? ' [options]' : ''}\``,
    '',
    `${description[0]?.toUpperCase()}${description.slice(1)}.`,
    ...(options.length > 0 ? ['', table(['option', 'meaning'], options.map(optionRow))] : []),
  ].join('\n');
}

/** docs/cli.md: every command with its arguments and options. */
export const cliPage = (): string =>
  `${[INTRO, ...commandsOf(program()).map(sectionOf)].join('\n\n')}\n`;
