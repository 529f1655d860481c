import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/** Throws the file system's error where files cannot be made in the folder, or the folder itself where it is not there. */
export async function checkWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const parent = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    await checkWritable(parent);
  }
}
