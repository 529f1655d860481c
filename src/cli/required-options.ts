import type { Command } from 'commander';

/**
 * Options that a command needs, as commander's `requiredOption`, but asked for after unknown options: of a typo such as
 * `--servce` the message names the typo.
 */
export function requireOptions(
  command: Command,
  options: Readonly<Record<string, string>>,
): Command {
  for (const [flags, description] of Object.entries(options))
    command.option(flags, `${description} (required)`);
  const needed = command.options.filter(({ flags }) => flags in options);
  return command.hook('preAction', () => {
    for (const { flags, long } of needed) {
      if (command.getOptionValue(long?.slice(2) ?? '') === undefined)
        command.error(`error: required option '${flags}' not specified`, { exitCode: 2 });
    }
  });
}
