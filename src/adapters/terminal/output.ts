import logUpdate from 'log-update';
import { redact } from '../redaction';
import { printable } from './printable';

/*
 * The one place of this project that writes to stdout and stderr (a lint rule forbids it elsewhere): what leaves the
 * process has no control sequence but our own colours, and on stderr no credential.
 */

/** Writes results only, unchanged except for hidden characters (printable.ts). */
export const writeResult = (text: string): void => void process.stdout.write(printable(text));

/** Progress, warnings, errors and logs, without the credentials of this process. */
export const writeMessage = (text: string): void =>
  void process.stderr.write(printable(redact(text)));

/** A block of lines on stderr that is redrawn in place; undefined if stderr is not a terminal. */
export function liveBlock(): { draw(text: string): void; done(): void } | undefined {
  if (!process.stderr.isTTY) return undefined;
  const block = logUpdate.create(process.stderr);
  return { draw: (text) => block(printable(redact(text))), done: () => block.done() };
}

/** Calls `end` when the reader of stdout has gone. Messages without a reader are dropped. */
export function onReaderGone(end: () => void): void {
  const ignoring = (then: () => void) => (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    then();
  };
  process.stdout.on('error', ignoring(end));
  process.stderr.on(
    'error',
    ignoring(() => undefined),
  );
}

/** A pipe may still hold output; an exit would cut it. */
export async function flushOutput(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
