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

/** What a terminal has that does not say how large it is. */
const USUAL = { columns: 80, rows: 24 };

/** A block of lines that is redrawn in place, and the size of its terminal. */
export type LiveBlock = {
  draw(text: string): void;
  done(): void;
  size(): { columns: number; rows: number };
};

/** A live block on stderr; undefined if stderr is not a terminal. */
export function liveBlock(): LiveBlock | undefined {
  if (!process.stderr.isTTY) return undefined;
  const block = logUpdate.create(process.stderr);
  return {
    draw: (text) => block(printable(redact(text))),
    done: () => block.done(),
    size: () => ({
      columns: process.stderr.columns || USUAL.columns,
      rows: process.stderr.rows || USUAL.rows,
    }),
  };
}

type OnOutputError = { readerGone: () => void; broken: (reason: string) => void };

/** What to do when stdout cannot be written: its reader has gone, or its disk is full. Messages are then dropped. */
export function onOutputError({ readerGone, broken }: OnOutputError): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    error.code === 'EPIPE' ? readerGone() : broken(error.message),
  );
  process.stderr.on('error', () => undefined);
}

/** A pipe may still hold output; an exit would cut it. */
export async function flushOutput(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
