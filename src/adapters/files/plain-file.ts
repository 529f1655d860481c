import { closeSync, constants, openSync, readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { decodeText } from './decode-text';

/** What lies under the name is no file that is read, and stays so. */
export class PlainFileError extends Error {}

type Options = {
  /** Also what a link leads to: where the operator has placed it, as a mount of Kubernetes does. */
  followLinks?: boolean;
};

/** Throws PlainFileError if it is over `maxBytes` or is no regular file: a pipe or a device would hold the reader. */
export const readPlainBytes = (
  file: string,
  maxBytes: number,
  options: Options = {},
): Promise<Buffer> =>
  withPlainFile(file, options, async (handle, size) => {
    if (size > maxBytes) throw tooLarge(maxBytes);
    // One that grows, or a file of /proc, has more than its size says.
    let buffer = Buffer.alloc(size + 1);
    for (let bytes = 0; ;) {
      const { bytesRead } = await handle.read(buffer, bytes, buffer.length - bytes, bytes);
      if (bytesRead === 0) return buffer.subarray(0, bytes);
      bytes += bytesRead;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      if (bytes === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(bytes)]);
    }
  });

export const readPlainFile = async (
  file: string,
  maxBytes: number,
  options?: Options,
): Promise<string> => decodeText(await readPlainBytes(file, maxBytes, options));

/** The first bytes of it; a character that is cut off becomes U+FFFD. */
export const startOfPlainFile = (file: string, bytes: number): Promise<string> =>
  withPlainFile(file, {}, async (handle) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  });

/** At the start of a process: a file, or a pipe of the shell (`<(…)`); a device without end is cut off by `maxBytes`. */
export function readAtStart(file: string, maxBytes: number): Buffer {
  const opened = openSync(file, constants.O_RDONLY);
  try {
    const buffer = Buffer.alloc(maxBytes + 1);
    for (let bytes = 0; bytes <= maxBytes;) {
      const read = readSync(opened, buffer, bytes, buffer.length - bytes, null);
      if (read === 0) return buffer.subarray(0, bytes);
      bytes += read;
    }
    throw tooLarge(maxBytes);
  } finally {
    closeSync(opened);
  }
}

async function withPlainFile<Result>(
  file: string,
  { followLinks = false }: Options,
  read: (handle: FileHandle, size: number) => Promise<Result>,
): Promise<Result> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  // Without O_NONBLOCK a pipe without a writer holds whoever opens it.
  const flags = O_RDONLY | O_NONBLOCK | (followLinks ? 0 : O_NOFOLLOW);
  const handle = await open(file, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ELOOP') throw new PlainFileError('is a link');
    if (error.code === 'ENXIO') throw notPlain();
    throw error;
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notPlain();
    return await read(handle, stats.size);
  } finally {
    await handle.close();
  }
}

const notPlain = () => new PlainFileError('is not a regular file');
const tooLarge = (maxBytes: number) => new PlainFileError(`is over ${maxBytes} bytes`);
