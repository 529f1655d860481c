import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { UpstreamError } from '../upstream/upstream-error';

/** Neither a link nor a pipe, which would hold whoever opens it: the folder may be written by others. */
export async function readPlainFile(file: string, maxBytes: number): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = await handle.stat();
    const broken = (reason: string) =>
      new UpstreamError('issue-store', `${file} ${reason}`, { permanent: true });
    if (!stats.isFile()) throw broken('is not a regular file');
    if (stats.size > maxBytes) throw broken(`is over ${maxBytes} bytes`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
