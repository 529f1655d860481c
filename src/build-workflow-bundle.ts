import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { BUNDLE } from './workflow-bundle';

/** Bundles workflow code ahead of time, so that no worker bundles when it starts (run by `npm run build`). */
async function buildBundles(): Promise<void> {
  const logger = new DefaultLogger('WARN');
  const entries = [
    [require.resolve('./workflows'), BUNDLE.releasePrep],
    [require.resolve('../sandbox/executor'), BUNDLE.sandboxExecutor],
  ] as const;
  for (const [workflowsPath, target] of entries) {
    const { code } = await bundleWorkflowCode({ workflowsPath, logger });
    await writeFile(target, code);
  }
}

buildBundles().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
