import { writeMessage } from '../adapters/terminal/output';

/** The exit code of a failure. */
const FAILED = 4;

/**
 * An uncaught error ends the process, as it does by default. Node would print it with all its properties, such as
 * requests and their headers; this prints only the redacted stack.
 */
export function redactUncaughtExceptions(): void {
  process.on('uncaughtException', (error: unknown) => {
    writeMessage(`stopped by an uncaught error: ${textOf(error)}\n`);
    process.exit(FAILED);
  });
}

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
