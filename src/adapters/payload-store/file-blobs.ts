import { rename } from 'node:fs/promises';
import path from 'node:path';
import { fileFault } from '../issue-store/file-fault';
import { writeWhole } from '../files/atomic-file';
import { readPlainBytes } from '../files/plain-file';
import { MAX_PAYLOAD_BYTES, type Blobs } from './blobs';

/** One file a payload; a reader never sees half of it. Workers and clients on several machines need a shared folder. */
export function fileBlobs(folder: string): Blobs {
  return {
    async write(name, bytes) {
      try {
        await writeWhole(folder, name, bytes, rename);
      } catch (error) {
        throw fileFault(error);
      }
    },
    async read(name) {
      try {
        return await readPlainBytes(path.join(folder, name), MAX_PAYLOAD_BYTES);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw fileFault(error, name);
      }
    },
  };
}
