import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';

/** A program of ours may still write into it. */
const OPTIONS = { recursive: true, force: true, maxRetries: 3 } as const;

/** A folder `PREFIX…` that is removed by `remove`, or with this process, however a command ends but by SIGKILL. */
export async function temporaryFolder(
  prefix: string,
): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(prefix);
  const atExit = () => {
    try {
      rmSync(folder, OPTIONS);
    } catch {
      // The process ends; there is nothing to tell it to.
    }
  };
  process.once('exit', atExit);
  return {
    folder,
    remove: async () => {
      await rm(folder, OPTIONS);
      process.off('exit', atExit);
    },
  };
}
