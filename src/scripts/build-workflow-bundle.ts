import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { BUNDLE, manifestOf, manifestPathOf } from '../temporal/workflow-bundle';

/** Bundles workflow code ahead of time, so that no worker bundles when it starts (run by `npm run build`). */
async function buildBundles(): Promise<void> {
  const logger = new DefaultLogger('WARN');
  const releasePrep = require.resolve('../workflows');
  const failureConverterPath = require.resolve('../workflows/failure-converter');
  const entries = [
    { target: BUNDLE.releasePrep, workflowsPath: releasePrep },
    { target: BUNDLE.releasePrepEncoded, workflowsPath: releasePrep, failureConverterPath },
    { target: BUNDLE.sandboxExecutor, workflowsPath: require.resolve('../../sandbox/executor') },
  ];
  for (const { target, ...options } of entries) {
    const { code } = await bundleWorkflowCode({ ...options, logger });
    await writeFile(target, code);
    await writeFile(manifestPathOf(target), JSON.stringify(manifestOf(code), null, 2));
  }
}

buildBundles().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
