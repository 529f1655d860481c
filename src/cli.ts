#!/usr/bin/env node
import { CommanderError } from 'commander';
import { flushOutput, onOutputError } from './adapters/terminal/output';
import { exitOnInterrupt } from './bootstrap/exit-on-interrupt';
import { redactUncaughtExceptions } from './bootstrap/uncaught-exception';
import { CommandError, EXIT, errorText } from './cli/exit-codes';
import { tell } from './cli/print';
import { program } from './cli/program';

/** Runs a command; the exit code is the contract's. */
async function main(argv: string[]): Promise<number> {
  try {
    await program().parseAsync(argv);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    tell(errorText(error));
    if (error instanceof CommandError) return error.exitCode;
    // By name: the class is in the client, which a command such as `--help` does not load.
    const ours = ['InvalidInputError', 'ConfigError'].includes((error as Error).name);
    return ours ? EXIT.usage : EXIT.failed;
  }
}

redactUncaughtExceptions();
exitOnInterrupt();
// A reader that has enough (`| head`) ends the command: that is no error.
onOutputError({
  readerGone: () => process.exit(EXIT.ok),
  broken: (reason) => {
    tell(`the result cannot be written: ${reason}`);
    process.exit(EXIT.failed);
  },
});
void main(process.argv).then(async (code) => {
  await flushOutput();
  process.exit(code);
});
