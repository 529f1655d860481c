import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeText } from './decode-text';

/** How often a pipe that has nothing yet is looked at. */
const LOOK_MS = 20;

/**
 * All text of a stream, a file or a pipe (`<(…)` of a shell), which may be no longer than `maxBytes`. A pipe without a
 * writer is empty, and a device is refused: waiting for either could have no end.
 */
export async function readStream(
  source: AsyncIterable<unknown> | string,
  maxBytes: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of typeof source === 'string' ? chunksOf(source) : source) {
    const part = chunk as Buffer;
    bytes += part.byteLength;
    if (bytes > maxBytes) throw new Error(`is over ${maxBytes} bytes`);
    chunks.push(part);
  }
  return decodeText(Buffer.concat(chunks));
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  // An open or a read that blocks would hold a thread, and with it the end of the process.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile() && !stats.isFIFO()) throw new Error(`${file} is neither a file nor a pipe`);
    for (;;) {
      const chunk = await nextOf(handle);
      if (chunk === undefined) await pause(LOOK_MS);
      else if (chunk.byteLength === 0) return;
      else yield chunk;
    }
  } finally {
    await handle.close();
  }
}

/** Undefined while a pipe has nothing yet; empty at the end. */
async function nextOf(handle: FileHandle): Promise<Buffer | undefined> {
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 * 1024));
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
