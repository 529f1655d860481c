import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { UpstreamError } from '../upstream/upstream-error';
import { writeWhole } from '../files/atomic-file';
import type { Blobs } from './blobs';

/** One file a payload; a reader never sees half of it. Workers and clients on several machines need a shared folder. */
export function fileBlobs(folder: string): Blobs {
  return {
    async write(name, bytes) {
      try {
        await writeWhole(folder, name, bytes, rename);
      } catch (error) {
        throw new UpstreamError('issue-store', (error as Error).message, { cause: error });
      }
    },
    async read(name) {
      try {
        return await readFile(path.join(folder, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw new UpstreamError('issue-store', (error as Error).message, { cause: error });
      }
    },
  };
}
