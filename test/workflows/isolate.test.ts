import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** What the SDK itself puts into a bundle; anything else in node_modules is a leak into the isolate. */
const ALLOWED = /node_modules\/(@temporalio\/(workflow|common|worker)|ms|long|nexus-rpc)\//;

it('bundles workflow code with no package beyond the SDK’s own', async () => {
  const bundle = await bundleWorkflowCode({
    workflowsPath: path.resolve(__dirname, '../../src/workflows'),
    logger: new DefaultLogger('ERROR'),
    webpackConfigHook: (config) => ({
      ...config,
      optimization: { moduleIds: 'named', minimize: false },
    }),
  });
  const modules = new Set(bundle.code.match(/node_modules\/(?:@[\w.-]+\/)?[\w.-]+\//g) ?? []);
  const leaks = [...modules].filter((name) => !ALLOWED.test(name));
  expect(leaks).toEqual([]);
  expect(bundle.code).toContain('ReleasePrepWorkflow');
  expect(bundle.code).not.toContain('ZodError');
}, 60_000);
