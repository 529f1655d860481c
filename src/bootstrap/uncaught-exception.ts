import { writeMessage } from '../adapters/terminal/output';

/** The exit code of what failed. */
const FAILED = 4;

/**
 * An error that nobody caught ends the process, as it does by itself; but Node would print it with all that it carries,
 * requests and their headers among it, past everything that hides credentials.
 */
export function hideInLastWords(): void {
  process.on('uncaughtException', (error: unknown) => {
    writeMessage(`ended by an error that nobody caught: ${textOf(error)}\n`);
    process.exit(FAILED);
  });
}

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
