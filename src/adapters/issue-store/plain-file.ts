import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { UpstreamError } from '../upstream/upstream-error';

/** Throws UpstreamError if it is over `maxBytes`. */
export const readPlainFile = (file: string, maxBytes: number): Promise<string> =>
  withPlainFile(file, async (handle, size) => {
    if (size > maxBytes) throw broken(file, `is over ${maxBytes} bytes`);
    return handle.readFile('utf8');
  });

/** The first bytes of it; a character that is cut off becomes U+FFFD. */
export const startOfPlainFile = (file: string, bytes: number): Promise<string> =>
  withPlainFile(file, async (handle) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  });

/** Neither a link nor a pipe, which would hold whoever opens it: the folder may be written by others. */
async function withPlainFile<Result>(
  file: string,
  read: (handle: FileHandle, size: number) => Promise<Result>,
): Promise<Result> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw broken(file, 'is not a regular file');
    return await read(handle, stats.size);
  } finally {
    await handle.close();
  }
}

const broken = (file: string, reason: string) =>
  new UpstreamError('issue-store', `${file} ${reason}`, { permanent: true });
