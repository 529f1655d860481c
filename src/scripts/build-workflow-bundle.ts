import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { BUNDLE, manifestOf, manifestPathOf } from '../temporal/workflow-bundle';

/** Bundles workflow code ahead of time, so that no worker bundles when it starts (run by `npm run build`). */
async function buildBundles(): Promise<void> {
  const logger = new DefaultLogger('WARN');
  const releasePrep = require.resolve('../workflows');
  const failureConverterPath = require.resolve('../workflows/converters/failure-converter');
  const payloadConverterPath = require.resolve('../workflows/converters/payload-converter');
  const own = { workflowsPath: releasePrep, payloadConverterPath };
  const entries = [
    { target: BUNDLE.releasePrep, ...own },
    { target: BUNDLE.releasePrepEncoded, ...own, failureConverterPath },
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
