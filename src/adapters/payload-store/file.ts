import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { UpstreamError } from '../upstream-error';
import type { Blobs } from './payload-store';

/** One file a payload; a reader never sees half of it. Workers and clients on several machines need a shared folder. */
export function fileBlobs(folder: string): Blobs {
  return {
    async write(name, bytes) {
      const temporary = path.join(folder, `.${name}.${randomUUID()}`);
      try {
        await mkdir(folder, { recursive: true });
        const file = await open(temporary, 'wx');
        await file.writeFile(bytes);
        await file.sync();
        await file.close();
        await rename(temporary, path.join(folder, name));
      } catch (error) {
        throw new UpstreamError('issue-store', (error as Error).message, { cause: error });
      } finally {
        await rm(temporary, { force: true });
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
